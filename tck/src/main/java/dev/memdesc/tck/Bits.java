package dev.memdesc.tck;

import dev.memdesc.api.Hex;
import dev.memdesc.api.format.LevelLayout;

/** Compares items and addresses, and says of two that differ in which bits. */
final class Bits {
  private Bits() {}

  /**
   * Fails unless two words are the same.
   *
   * @param what the words are
   * @param level of the table that they belong to
   */
  static void same(String what, LevelLayout level, long actual, long expected) {
    if (actual != expected) {
      throw new AssertionError(
          "%s, level %s: is %s, must be %s, differs in bits %s"
              .formatted(
                  what,
                  level.manualName(),
                  Hex.of(actual),
                  Hex.of(expected),
                  runs(actual ^ expected)));
    }
  }

  /** The set bits of a word as runs, highest first: {@code 63, 51:48, 0}. */
  static String runs(long word) {
    StringBuilder text = new StringBuilder();
    long rest = word;
    while (rest != 0) {
      int high = 63 - Long.numberOfLeadingZeros(rest);
      int low = high;
      while (low > 0 && (rest >>> (low - 1) & 1) != 0) {
        low--;
      }
      text.append(text.isEmpty() ? "" : ", ").append(high == low ? "" + high : high + ":" + low);
      rest &= low == 0 ? 0 : (1L << low) - 1;
    }
    return text.toString();
  }

  /** An item and its level, for what is said of one. */
  static String item(LevelLayout level, long item) {
    return "item " + Hex.of(item) + " of level " + level.manualName();
  }
}
