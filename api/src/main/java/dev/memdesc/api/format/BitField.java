package dev.memdesc.api.format;

import java.util.function.LongFunction;

/**
 * One field of an item, for people: pictures, {@code memdesc decode}, tests of the layout.
 *
 * @param name the manual's name; reserved and ignored bits have one too
 * @param high the highest bit, 63..0
 * @param low the lowest bit, at most {@code high}
 * @param meaning says what a value of the field means
 */
public record BitField(String name, int high, int low, LongFunction<String> meaning) {
  /** A field whose value is shown as it is. */
  public static BitField of(String name, int high, int low) {
    return new BitField(name, high, low, value -> "");
  }

  /** A single bit that means one thing when clear and another when set. */
  public static BitField flag(String name, int bit, String clear, String set) {
    return new BitField(name, bit, bit, value -> value == 0 ? clear : set);
  }

  /** Its value in an item, shifted down to bit 0. */
  public long value(long item) {
    return item << (63 - high) >>> (63 - high + low);
  }

  /** The bits it takes. */
  public long mask() {
    return (-1L >>> (63 - (high - low))) << low;
  }
}
