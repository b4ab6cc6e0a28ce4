package dev.memdesc.cli.input;

/** Names that other processes chose, made safe to print. */
public final class Printable {
  private Printable() {}

  /** The text with every control character replaced, so that no name can drive a terminal. */
  public static String of(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isUnsafe(text.charAt(i))) {
        StringBuilder safe = new StringBuilder(text);
        for (int j = i; j < safe.length(); j++) {
          if (isUnsafe(safe.charAt(j))) {
            safe.setCharAt(j, '?');
          }
        }
        return safe.toString();
      }
    }
    return text;
  }

  private static boolean isUnsafe(char c) {
    // Control characters, and the format characters that turn the direction of text.
    return Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
  }
}
