package dev.memdesc.api;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A set of leaf sizes. Bit n is set when a leaf of 2^n bytes is in the set, as in the page-size
 * bitmaps of IOMMU drivers.
 *
 * @param bitmap one bit per log2 of a size in bytes
 */
public record PageSizes(long bitmap) {
  /** Every size. */
  public static final PageSizes ANY = new PageSizes(-1L);

  /** The set of the given sizes, each as its log2. */
  public static PageSizes ofLg2(int... sizesLg2) {
    long bits = 0;
    for (int sizeLg2 : sizesLg2) {
      bits |= 1L << sizeLg2;
    }
    return new PageSizes(bits);
  }

  /** Whether leaves of 2^sizeLg2 bytes are in the set. */
  public boolean contains(int sizeLg2) {
    return (bitmap >>> sizeLg2 & 1) != 0;
  }

  /** The sizes that are in both sets. */
  public PageSizes and(PageSizes other) {
    return new PageSizes(bitmap & other.bitmap);
  }

  /** Whether no size is in the set. */
  public boolean isEmpty() {
    return bitmap == 0;
  }

  /** log2 of the smallest size; 64 if the set is empty. */
  public int smallestLg2() {
    return Long.numberOfTrailingZeros(bitmap);
  }

  /**
   * log2 of the largest size at which a leaf may start a mapping: va and pa are multiples of it and
   * it ends at or before {@code lastVa}. -1 if no size of the set fits.
   */
  public int bestLg2(long va, long pa, long lastVa) {
    long room = lastVa - va;
    // Sizes up to the alignment of va and pa; then those that fit: size - 1 <= room.
    int alignedLg2 = Math.min(63, Long.numberOfTrailingZeros(va | pa));
    int roomLg2 = room == -1L ? 63 : 63 - Long.numberOfLeadingZeros(room + 1);
    int mostLg2 = Math.min(alignedLg2, roomLg2);
    if (mostLg2 < 0) {
      return -1;
    }
    long fitting = bitmap & (mostLg2 == 63 ? -1L : (2L << mostLg2) - 1);
    return 63 - Long.numberOfLeadingZeros(fitting);
  }

  /** 2^sizeLg2 bytes as people write it: {@code 4K}, {@code 2M}, {@code 1G}. */
  public static String name(int sizeLg2) {
    return (1L << sizeLg2 % 10) + new String[] {"", "K", "M", "G", "T", "P", "E"}[sizeLg2 / 10];
  }

  /** The sizes in ascending order, such as {@code 4K/2M/1G}. */
  @Override
  public String toString() {
    return IntStream.range(0, 64)
        .filter(this::contains)
        .mapToObj(PageSizes::name)
        .collect(Collectors.joining("/"));
  }
}
