package dev.memdesc.cli.input;

/** Text that other processes and plugins chose, made safe to print: the one place that says how. */
public final class Printable {
  private Printable() {}

  /**
   * The text with a question mark for every code point that is no mark on paper: control
   * characters, line ends of any kind, what turns the direction of text, tags, half of a pair. So
   * no name can drive a terminal, or look like another line.
   */
  public static String of(String text) {
    return text.codePoints().noneMatch(Printable::isUnsafe) ? text : replaced(text, false);
  }

  /** The same for text of the tool's own lines: their ends and tabs stay. */
  public static String lines(String text) {
    return replaced(text, true);
  }

  private static String replaced(String text, boolean lines) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints()
        .map(one -> isUnsafe(one) && !(lines && isLayout(one)) ? '?' : one)
        .forEach(safe::appendCodePoint);
    return safe.toString();
  }

  /** Whether a code point ends one of the tool's own lines, or is a tab in it. */
  static boolean isLayout(int codePoint) {
    return codePoint == '\n' || codePoint == '\r' || codePoint == '\t';
  }

  /** Whether a code point must not reach a terminal. */
  static boolean isUnsafe(int codePoint) {
    return switch (Character.getType(codePoint)) {
      // FORMAT has what turns the direction (U+202A to U+202E, U+2066 to U+2069) and the tags.
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      // Tags that no version has assigned, of which terminals know no more than of the others.
      default -> codePoint >= 0xE0000 && codePoint <= 0xE0FFF;
    };
  }
}
