package dev.memdesc.cli.input;

/**
 * Reads a line of /proc from left to right without objects in between; regular expressions take
 * longer to load than a survey takes. After the first thing that is not there, {@link #failed} is
 * true and stays so.
 */
public final class TextCursor {
  private final String text;
  private int at;
  private boolean failed;

  public TextCursor(String text) {
    this.text = text;
  }

  /** Whether something that was asked for was not there. */
  public boolean failed() {
    return failed;
  }

  /** Whether the whole line was read. */
  public boolean atEnd() {
    return at == text.length();
  }

  /** Passes over {@code c} if it comes next. */
  public boolean skip(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  /** Passes over blanks and tabs. */
  public void skipBlanks() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
  }

  /** An unsigned hexadecimal number of 1 to 16 digits. */
  public long hex() {
    return number(16, 16);
  }

  /** An unsigned decimal number that fits 63 bits. */
  public long decimal() {
    return number(10, 18);
  }

  /** Everything up to the next blank or the end. */
  public String word() {
    int from = at;
    while (at < text.length() && text.charAt(at) != ' ' && text.charAt(at) != '\t') {
      at++;
    }
    failed |= at == from;
    return text.substring(from, at);
  }

  /** What follows, without the blanks before it. */
  public String rest() {
    skipBlanks();
    String rest = text.substring(at);
    at = text.length();
    return rest;
  }

  private long number(int radix, int mostDigits) {
    int from = at;
    long value = 0;
    while (at < text.length() && at - from < mostDigits) {
      int digit = digit(text.charAt(at));
      if (digit < 0 || digit >= radix) {
        break;
      }
      value = value * radix + digit;
      at++;
    }
    failed |= at == from;
    return value;
  }

  /** Lower case only, as the kernel prints; other scripts' digits are none. */
  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }
}
