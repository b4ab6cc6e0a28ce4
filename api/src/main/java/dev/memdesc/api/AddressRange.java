package dev.memdesc.api;

/**
 * Unsigned addresses from {@code start} to {@code last}, both inclusive, so that a range may end at
 * the very last address.
 *
 * @param start the first address
 * @param last the last address; never below {@code start}
 */
public record AddressRange(long start, long last) {
  /**
   * Checks the order.
   *
   * @throws PageTableException with {@link Reason#WRAPS} if {@code last} lies below {@code start}
   */
  public AddressRange {
    if (Long.compareUnsigned(start, last) > 0) {
      throw PageTableException.because(Reason.WRAPS, "a range ends at or after its start")
          .hex("start", start)
          .hex("last", last)
          .build();
    }
  }

  /**
   * The range of {@code length} bytes from {@code start}.
   *
   * @param length bytes, unsigned
   * @throws PageTableException with {@link Reason#ZERO_LENGTH} or {@link Reason#WRAPS}
   */
  public static AddressRange of(long start, long length) {
    return new AddressRange(start, lastOf(start, length));
  }

  /**
   * The last address of {@code length} bytes from {@code start}, without making an object.
   *
   * @throws PageTableException with {@link Reason#ZERO_LENGTH} or {@link Reason#WRAPS}
   */
  public static long lastOf(long start, long length) {
    if (length == 0) {
      throw PageTableException.because(Reason.ZERO_LENGTH, "a range has at least one byte")
          .hex("start", start)
          .hex("length", length)
          .build();
    }
    long last = start + (length - 1);
    if (Long.compareUnsigned(last, start) < 0) {
      throw PageTableException.because(Reason.WRAPS, "a range ends at or before the last address")
          .hex("start", start)
          .hex("length", length)
          .build();
    }
    return last;
  }

  /** Bytes, unsigned; 0 stands for the whole of 2^64. */
  public long length() {
    return last - start + 1;
  }

  /** Whether the address lies inside. */
  public boolean contains(long address) {
    return Long.compareUnsigned(address - start, last - start) <= 0;
  }

  /** Whether at least one address lies in both. */
  public boolean overlaps(AddressRange other) {
    return Long.compareUnsigned(start, other.last) <= 0
        && Long.compareUnsigned(other.start, last) <= 0;
  }

  @Override
  public String toString() {
    return Hex.of(start) + ".." + Hex.of(last);
  }
}
