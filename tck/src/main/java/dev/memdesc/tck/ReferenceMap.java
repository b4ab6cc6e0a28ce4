package dev.memdesc.tck;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.TableFormat;
import java.util.Arrays;

/**
 * What a window of an address space should translate, page by page: the brute-force oracle. It
 * knows neither tables nor large leaves.
 */
public final class ReferenceMap {
  private final int frameLg2;
  private final long base;
  // Index is the page; NOT_MAPPED where there is none.
  private final long[] paOfPage;

  /** An empty window of {@code pages} pages from {@code base}. */
  public ReferenceMap(TableFormat format, long base, int pages) {
    this.frameLg2 = format.frameLg2();
    this.base = base;
    this.paOfPage = new long[pages];
    Arrays.fill(paOfPage, AddressSpace.NOT_MAPPED);
  }

  private int page(long va) {
    return (int) ((va - base) >>> frameLg2);
  }

  /** Whether any page of the range is mapped. */
  public boolean overlaps(long va, long length) {
    int end = page(va + length - 1);
    for (int page = page(va); page <= end; page++) {
      if (paOfPage[page] != AddressSpace.NOT_MAPPED) {
        return true;
      }
    }
    return false;
  }

  /** Maps the pages of the range. */
  public void map(long va, long pa, long length) {
    int end = page(va + length - 1);
    long at = pa;
    for (int page = page(va); page <= end; page++) {
      paOfPage[page] = at;
      at += 1L << frameLg2;
    }
  }

  /** Unmaps the pages of the range; returns how many bytes were mapped. */
  public long unmap(long va, long length) {
    int end = page(va + length - 1);
    long pages = 0;
    for (int page = page(va); page <= end; page++) {
      if (paOfPage[page] != AddressSpace.NOT_MAPPED) {
        paOfPage[page] = AddressSpace.NOT_MAPPED;
        pages++;
      }
    }
    return pages << frameLg2;
  }

  /** What {@link AddressSpace#translate} should return. */
  public long translate(long va) {
    long pa = paOfPage[page(va)];
    return pa == AddressSpace.NOT_MAPPED ? pa : pa | (va & ((1L << frameLg2) - 1));
  }

  /** {@link PageSizes#bestLg2} by trying every size. */
  public static int bestLg2(PageSizes sizes, long va, long pa, long lastVa) {
    for (int sizeLg2 = 63; sizeLg2 >= 0; sizeLg2--) {
      long mask = (1L << sizeLg2) - 1;
      if (sizes.contains(sizeLg2)
          && ((va | pa) & mask) == 0
          && Long.compareUnsigned(lastVa - va, mask) >= 0) {
        return sizeLg2;
      }
    }
    return -1;
  }
}
