package dev.memdesc.cli.trace;

import dev.memdesc.cli.trace.TraceLine.Clock;

/**
 * What stands before an event's text: who, where and when.
 *
 * <pre>
 *   kworker/3:1-87    (     87) [003] d..1.   512.331882: map: IOMMU: ...     ftrace
 *   kworker/3:1-87    [003]   512.331882: map:         IOMMU: ...             trace-cmd report
 *   kworker/3:1    87 [003]   512.331882: iommu:map: IOMMU: ...               perf script
 *   kworker/-87         3d..1. 331882us : map: IOMMU: ...                     ftrace, latency format
 *   kworker/-87         3d..1.   512.331882: map:      IOMMU: ...             trace-cmd report -l
 *   kworker/3:1-87    [003] d..1. 98765432: map: IOMMU: ...                   a clock without a unit
 * </pre>
 *
 * <p>A program may choose its name: blanks, brackets and colons too. So a header counts only if all
 * of it is there, with a time of six digits or more after the point: that is longer than the 15
 * bytes of a name, and what comes first is the header. A time of other digits counts only after a
 * processor and before an event's name.
 */
final class TraceHeader {
  private static final int LEAST_FRACTION = 6;
  private static final int MOST_FRACTION = 9;
  private static final int MOST_SECONDS = 9;
  private static final int MOST_FLAGS = 8;
  private static final int LEAST_LATENCY_FLAGS = 4;
  private static final int MOST_CPU_DIGITS = 4;
  private static final int MOST_MICRO_DIGITS = 12;
  private static final int MOST_COUNTER_DIGITS = 20;
  private static final byte[] LATENCY_FLAGS =
      TraceParser.bytes(".dDbBXnNpLlhHsSzZ0123456789abcdef");
  private static final byte[] DELAYS = TraceParser.bytes(" !+#*@$");
  private static final int MOST_PID_DIGITS = 10;
  private static final int MOST_GROUP_BYTES = 12;

  /** A longer header is none: perf's names of kernel threads have up to 64 bytes. */
  private static final int MOST_BYTES = 256;

  private byte[] bytes = new byte[0];
  private int start;
  private int end;
  private long nanos;
  private long pid;
  private Clock clock = Clock.NONE;
  private boolean processor;
  private int nameStart;
  private int nameEnd;
  private int textStart;

  long nanos() {
    return nanos;
  }

  long pid() {
    return pid;
  }

  /** What the time is. */
  Clock clock() {
    return clock;
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
    for (int i = from + 2; i < most; i++) {
      if (line[i] == ':' && (i + 1 == to || ByteCursor.isBlank(line[i + 1])) && readAnyTime(i)) {
        return true;
      }
    }
    return false;
  }

  private boolean readAnyTime(int colon) {
    if (!ByteCursor.isDigit(bytes[colon - 1])) {
      return readMicros(colon) && readWholeName(colon + 1);
    }
    if (readTime(colon)) {
      readName(colon + 1);
      return true;
    }
    return readCounter(colon) && readWholeName(colon + 1);
  }

  /** The latency format's time: microseconds, and a sign that says how long nothing happened. */
  private boolean readMicros(int colon) {
    int at = colon - 1;
    at -= isOneOf(bytes[at], DELAYS) ? 1 : 0;
    if (at - 2 <= start || bytes[at] != 's' || bytes[at - 1] != 'u') {
      return false;
    }
    at -= 2;
    int first = digitsBack(at, MOST_MICRO_DIGITS);
    if (first > at || first <= start || !isBlankBack(first - 1)) {
      return false;
    }
    nanos = number(first, at) * 1000;
    clock = Clock.SECONDS;
    return readThread(first - 1) && processor;
  }

  /** A time without a point: nobody knows its unit. */
  private boolean readCounter(int colon) {
    int first = digitsBack(colon - 1, MOST_COUNTER_DIGITS);
    if (first <= start || !isBlankBack(first - 1)) {
      return false;
    }
    nanos = 0;
    clock = Clock.COUNTER;
    return readThread(first - 1) && processor;
  }

  private boolean isBlankBack(int at) {
    return ByteCursor.isBlank(bytes[at]);
  }

  /** The index of the first of at most so many digits that end at {@code last}. */
  private int digitsBack(int last, int most) {
    int at = last;
    while (at >= start && ByteCursor.isDigit(bytes[at]) && last - at < most) {
      at--;
    }
    return at + 1;
  }

  private long number(int first, int last) {
    long value = 0;
    for (int i = first; i <= last; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return value;
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
    clock = Clock.SECONDS;
    return true;
  }

  /** Reads backwards from the blank before the time. */
  private boolean readThread(int blank) {
    int at = skipBlanksBack(blank);
    int flags = wordStart(at) - 1;
    processor = false;
    if (at - flags <= MOST_FLAGS + MOST_CPU_DIGITS
        && flags >= start
        && at >= start
        && bytes[at] != ']') {
      int before = skipBlanksBack(flags);
      if (before >= start && bytes[before] == ']' && at - flags <= MOST_FLAGS) {
        at = before;
      } else if (isProcessorWithFlags(flags + 1, at)) {
        processor = true;
        at = before;
      }
    }
    if (at >= start && bytes[at] == ']') {
      processor = true;
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

  /** The latency format's: a processor's number and at once its flags. */
  private boolean isProcessorWithFlags(int first, int last) {
    int at = first;
    while (at <= last && ByteCursor.isDigit(bytes[at])) {
      at++;
    }
    int digits = at - first;
    int flags = last + 1 - at;
    if (digits == 0 || digits > MOST_CPU_DIGITS || flags < LEAST_LATENCY_FLAGS) {
      return false;
    }
    while (at <= last && isOneOf(bytes[at], LATENCY_FLAGS)) {
      at++;
    }
    return at > last && flags <= MOST_FLAGS;
  }

  private static boolean isOneOf(byte b, byte[] set) {
    for (byte one : set) {
      if (one == b) {
        return true;
      }
    }
    return false;
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

  /** Whether an event's name and colon come next. */
  private boolean readWholeName(int from) {
    readName(from);
    return nameEnd > nameStart;
  }

  /** Reads what may be an event's name and its text; nothing stands before it. */
  void readName(byte[] line, int from, int to) {
    bytes = line;
    start = from;
    end = to;
    readName(from);
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
