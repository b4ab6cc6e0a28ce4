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
    boolean hex = text.startsWith("0x") || text.startsWith("0X");
    String digits = (hex ? text.substring(2) : text).replace("_", "");
    try {
      // The library would also take a plus sign and the digits of other scripts.
      if (digits.chars().anyMatch(digit -> digit == '+' || digit > 'f')) {
        throw new NumberFormatException("not a digit");
      }
      return Long.parseUnsignedLong(digits, hex ? 16 : 10);
    } catch (NumberFormatException e) {
      throw PageTableException.because(
              Reason.SYNTAX, "a number is 0x and at most 16 hexadecimal digits, or decimal")
          .with("text", text)
          .build(e);
    }
  }
}
