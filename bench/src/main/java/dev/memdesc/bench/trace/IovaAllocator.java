package dev.memdesc.bench.trace;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.Arrays;

/**
 * Hands out iovas as the kernel does for devices with 32-bit addresses: from the top down, aligned
 * to their size rounded up to a power of two; what was given back last is used first.
 */
final class IovaAllocator {
  private static final int PAGE_LG2 = 12;
  private static final int ORDERS = 21;

  /** Where a PC's devices write to for an interrupt: an IOMMU does not translate that. */
  private static final long RESERVED = 0xfee0_0000L;

  private static final long RESERVED_END = 0xfef0_0000L;

  private final long[][] free = new long[ORDERS][16];
  private final int[] count = new int[ORDERS];
  private long lowest;

  /**
   * Nothing is handed out.
   *
   * @param end one more than the highest address
   */
  IovaAllocator(long end) {
    lowest = end;
  }

  /** Room for so many bytes. */
  long allocate(long bytes) {
    int order = order(bytes);
    if (count[order] > 0) {
      return free[order][--count[order]];
    }
    long size = 1L << (PAGE_LG2 + order);
    long iova = (lowest - size) & -size;
    if (iova < RESERVED_END && iova + size > RESERVED) {
      iova = (RESERVED - size) & -size;
    }
    if (iova <= 0) {
      throw PageTableException.because(Reason.OUT_OF_MEMORY, "a driver finds room for its buffers")
          .hex("lowest", lowest)
          .with("bytes", bytes)
          .build();
    }
    lowest = iova;
    return iova;
  }

  /** Gives back what {@link #allocate} handed out for so many bytes. */
  void free(long iova, long bytes) {
    int order = order(bytes);
    if (count[order] == free[order].length) {
      free[order] = Arrays.copyOf(free[order], 2 * count[order]);
    }
    free[order][count[order]++] = iova;
  }

  private static int order(long bytes) {
    long pages = (bytes + (1L << PAGE_LG2) - 1) >>> PAGE_LG2;
    return pages <= 1 ? 0 : 64 - Long.numberOfLeadingZeros(pages - 1);
  }
}
