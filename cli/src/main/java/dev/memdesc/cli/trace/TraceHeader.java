package dev.memdesc.cli.trace;

/**
 * What stands before an event's text: who, where and when.
 *
 * <pre>
 *   kworker/3:1-87    (     87) [003] d..1.   512.331882: map: IOMMU: ...     ftrace
 *   kworker/3:1-87    [003]   512.331882: map:         IOMMU: ...             trace-cmd report
 *   kworker/3:1    87 [003]   512.331882: iommu:map: IOMMU: ...               perf script
 * </pre>
 *
 * <p>A program may choose its name: blanks, brackets and colons too. So a header counts only if all
 * of it is there, with a time of six digits or more after the point: that is longer than the 15
 * bytes of a name, and what comes first is the header.
 */
final class TraceHeader {
  private static final int LEAST_FRACTION = 6;
  private static final int MOST_FRACTION = 9;
  private static final int MOST_SECONDS = 9;
  private static final int MOST_FLAGS = 8;
  private static final int MOST_PID_DIGITS = 10;
  private static final int MOST_GROUP_BYTES = 12;

  /** A longer header is none: perf's names of kernel threads have up to 64 bytes. */
  private static final int MOST_BYTES = 256;

  private byte[] bytes = new byte[0];
  private int start;
  private int end;
  private long nanos;
  private long pid;
  private int nameStart;
  private int nameEnd;
  private int textStart;

  long nanos() {
    return nanos;
  }

  long pid() {
    return pid;
  }

  /** The index of the first byte of the event's name. */
  int nameStart() {
    return nameStart;
  }

  /** One more than the index of the name's last byte; equal to the first if there is no name. */
  int nameEnd() {
    return nameEnd;
  }

  /** The index of the first byte after the name, its colon and blanks. */
  int textStart() {
    return textStart;
  }

  /** Whether a header begins the line. */
  boolean read(byte[] line, int from, int to) {
    bytes = line;
    start = from;
    end = to;
    int most = Math.min(to, from + MOST_BYTES);
    for (int i = from + LEAST_FRACTION + 2; i < most; i++) {
      if (line[i] == ':'
          && ByteCursor.isDigit(line[i - 1])
          && (i + 1 == to || ByteCursor.isBlank(line[i + 1]))
          && readTime(i)) {
        readName(i + 1);
        return true;
      }
    }
    return false;
  }

  private boolean readTime(int colon) {
    int at = colon - 1;
    long fraction = 0;
    long power = 1;
    while (at > start && ByteCursor.isDigit(bytes[at]) && colon - at <= MOST_FRACTION) {
      fraction += power * (bytes[at] - '0');
      power *= 10;
      at--;
    }
    int digits = colon - 1 - at;
    if (digits < LEAST_FRACTION || bytes[at] != '.') {
      return false;
    }
    int point = at--;
    long seconds = 0;
    long secondsPower = 1;
    while (at >= start && ByteCursor.isDigit(bytes[at]) && point - at <= MOST_SECONDS) {
      seconds += secondsPower * (bytes[at] - '0');
      secondsPower *= 10;
      at--;
    }
    if (at == point - 1 || at < start || !ByteCursor.isBlank(bytes[at]) || !readThread(at)) {
      return false;
    }
    for (int i = digits; i < MOST_FRACTION; i++) {
      fraction *= 10;
    }
    nanos = seconds * 1_000_000_000L + fraction;
    return true;
  }

  /** Reads backwards from the blank before the time. */
  private boolean readThread(int blank) {
    int at = skipBlanksBack(blank);
    int flags = wordStart(at) - 1;
    if (at - flags <= MOST_FLAGS && flags >= start && at >= start && bytes[at] != ']') {
      int before = skipBlanksBack(flags);
      if (before >= start && bytes[before] == ']') {
        at = before;
      }
    }
    if (at >= start && bytes[at] == ']') {
      int digit = at - 1;
      while (digit >= start && ByteCursor.isDigit(bytes[digit])) {
        digit--;
      }
      if (digit < start || digit == at - 1 || bytes[digit] != '[') {
        return false;
      }
      at = skipBlanksBack(digit - 1);
    }
    if (at >= start && bytes[at] == ')') {
      int least = Math.max(start, at - MOST_GROUP_BYTES);
      while (at > least && bytes[at] != '(') {
        at--;
      }
      at = skipBlanksBack(at - 1);
    }
    return readPid(at);
  }

  private boolean readPid(int last) {
    int at = last;
    long value = 0;
    long power = 1;
    while (at >= start && ByteCursor.isDigit(bytes[at]) && last - at < MOST_PID_DIGITS) {
      value += power * (bytes[at] - '0');
      power *= 10;
      at--;
    }
    if (at == last) {
      return false;
    }
    if (at > start && bytes[at] == '/') {
      // perf script prints process/thread if asked to.
      at--;
      int from = at;
      while (at >= start && ByteCursor.isDigit(bytes[at])) {
        at--;
      }
      if (at == from) {
        return false;
      }
    }
    pid = value;
    return at > start
        && (bytes[at] == '-' || ByteCursor.isBlank(bytes[at]))
        && skipBlanksBack(at) >= start;
  }

  private void readName(int from) {
    int at = skipBlanks(from);
    nameStart = at;
    while (at < end && isNameByte(bytes[at])) {
      at++;
    }
    if (at > nameStart && at < end && ByteCursor.isBlank(bytes[at]) && bytes[at - 1] == ':') {
      nameEnd = at - 1;
      textStart = skipBlanks(at);
    } else if (at > nameStart && at == end && bytes[at - 1] == ':') {
      nameEnd = at - 1;
      textStart = end;
    } else {
      nameEnd = nameStart;
      textStart = nameStart;
    }
  }

  private static boolean isNameByte(byte b) {
    return ByteCursor.isDigit(b)
        || (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || b == '_'
        || b == '-'
        || b == '.'
        || b == ':';
  }

  private int skipBlanks(int from) {
    int at = from;
    while (at < end && ByteCursor.isBlank(bytes[at])) {
      at++;
    }
    return at;
  }

  private int skipBlanksBack(int from) {
    int at = from;
    while (at >= start && ByteCursor.isBlank(bytes[at])) {
      at--;
    }
    return at;
  }

  private int wordStart(int last) {
    int at = last;
    while (at >= start && !ByteCursor.isBlank(bytes[at])) {
      at--;
    }
    return at + 1;
  }
}
