package dev.memdesc.tck;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.TableFormat;
import java.util.HashMap;
import java.util.Map;

/** What an address space should translate, page by page: the brute-force oracle. */
public final class ReferenceMap {
  private final TableFormat format;
  private final Map<Long, Long> paOfPage = new HashMap<>();

  /** An empty map. */
  public ReferenceMap(TableFormat format) {
    this.format = format;
  }

  /** Whether any page of the range is mapped. */
  public boolean overlaps(long va, long length) {
    for (long at = 0; at < length; at += format.frameBytes()) {
      if (paOfPage.containsKey(va + at)) {
        return true;
      }
    }
    return false;
  }

  /** Maps the pages of the range. */
  public void map(long va, long pa, long length) {
    for (long at = 0; at < length; at += format.frameBytes()) {
      paOfPage.put(va + at, pa + at);
    }
  }

  /** Unmaps the pages of the range; returns how many bytes were mapped. */
  public long unmap(long va, long length) {
    long bytes = 0;
    for (long at = 0; at < length; at += format.frameBytes()) {
      if (paOfPage.remove(va + at) != null) {
        bytes += format.frameBytes();
      }
    }
    return bytes;
  }

  /** What {@link AddressSpace#translate} should return. */
  public long translate(long va) {
    long mask = format.frameBytes() - 1;
    Long pa = paOfPage.get(va & ~mask);
    return pa == null ? AddressSpace.NOT_MAPPED : pa | (va & mask);
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
