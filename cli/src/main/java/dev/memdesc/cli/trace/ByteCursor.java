package dev.memdesc.cli.trace;

/**
 * Reads a range of bytes from left to right. After the first thing that is not there, {@link
 * #failed} is true and stays so.
 */
final class ByteCursor {
  private static final int HEX_DIGITS = 16;
  private static final int DECIMAL_DIGITS = 18;

  private byte[] bytes = new byte[0];
  private int at;
  private int end;
  private boolean failed;

  /** Begins with another range. */
  void set(byte[] text, int from, int to) {
    bytes = text;
    at = from;
    end = to;
    failed = false;
  }

  /** Something is there that must not be. */
  void fail() {
    failed = true;
  }

  boolean failed() {
    return failed;
  }

  boolean atEnd() {
    return at == end;
  }

  int position() {
    return at;
  }

  /** Passes over {@code text}, which must come next. */
  void expect(byte[] text) {
    failed |= !skip(text);
  }

  /** Passes over {@code text} if it comes next. */
  boolean skip(byte[] text) {
    if (end - at < text.length) {
      return false;
    }
    for (int i = 0; i < text.length; i++) {
      if (bytes[at + i] != text[i]) {
        return false;
      }
    }
    at += text.length;
    return true;
  }

  /** Whether a blank comes next, or nothing. */
  boolean atBlank() {
    return at == end || isBlank(bytes[at]);
  }

  /** Whether a number is hexadecimal. */
  boolean atPrefix() {
    return end - at > 2 && bytes[at] == '0' && bytes[at + 1] == 'x';
  }

  /** Passes over what comes before the next blank or control character. */
  void skipWord() {
    while (at < end && (bytes[at] < 0 || bytes[at] > ' ')) {
      at++;
    }
  }

  void skipBlanks() {
    while (at < end && isBlank(bytes[at])) {
      at++;
    }
  }

  /** A number that is hexadecimal after {@code 0x} and else decimal. */
  long number() {
    if (!atPrefix()) {
      return decimal();
    }
    at += 2;
    return hex();
  }

  /** An unsigned number of 1 to 16 lower-case hexadecimal digits. */
  long hex() {
    long value = 0;
    int from = at;
    while (at < end) {
      int digit = hexDigit(bytes[at]);
      if (digit < 0) {
        break;
      }
      value = value << 4 | digit;
      at++;
    }
    failed |= at == from || at - from > HEX_DIGITS;
    return value;
  }

  /** An unsigned number of 1 to 18 decimal digits. */
  long decimal() {
    long value = 0;
    int from = at;
    while (at < end && isDigit(bytes[at])) {
      value = value * 10 + (bytes[at] - '0');
      at++;
    }
    failed |= at == from || at - from > DECIMAL_DIGITS;
    return value;
  }

  static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** 0..15, or -1. */
  static int hexDigit(byte b) {
    if (isDigit(b)) {
      return b - '0';
    }
    return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
  }
}
