package dev.memdesc.api;

/** How memdesc prints and reads addresses and words. */
public final class Hex {
  private Hex() {}

  /** The word as {@code 0x} and sixteen hexadecimal digits. */
  public static String of(long word) {
    StringBuilder text = new StringBuilder(18).append("0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
      text.append(Character.forDigit((int) (word >>> shift) & 0xF, 16));
    }
    return text.toString();
  }

  /**
   * Reads an unsigned 64-bit number, hexadecimal after {@code 0x} (underscores allowed), otherwise
   * decimal.
   *
   * @throws PageTableException with {@link Reason#SYNTAX} if the text is no such number
   */
  public static long parse(String text) {
    String digits = text.replace("_", "");
    try {
      return digits.startsWith("0x") || digits.startsWith("0X")
          ? Long.parseUnsignedLong(digits.substring(2), 16)
          : Long.parseUnsignedLong(digits);
    } catch (NumberFormatException e) {
      throw PageTableException.because(
              Reason.SYNTAX, "a number is 0x and at most 16 hexadecimal digits, or decimal")
          .with("text", text)
          .build(e);
    }
  }
}
