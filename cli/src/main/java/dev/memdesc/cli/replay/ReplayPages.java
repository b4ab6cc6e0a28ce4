package dev.memdesc.cli.replay;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.format.TableFormat;
import java.util.List;

/**
 * Turns events, whose unit is the page of 4K, into ranges of a format's granule, and says what is
 * odd about them. A larger granule is mapped while any page of it is: so how many are is kept for
 * the granules that an event covers in part.
 */
final class ReplayPages {
  /** log2 of the smallest page that the kernel's IOMMU code knows. */
  private static final int PAGE_LG2 = 12;

  private static final long PAGE = 1L << PAGE_LG2;

  private final ReplayDomain domain;
  private final Findings findings;
  private final List<AddressRange> reserved;
  private final int granuleLg2;
  private final long granule;
  private final int wholeMask;
  private final long lastPa;
  private final GranuleMasks masks = new GranuleMasks();
  private long mapped;
  private long covered;
  private long rounded;

  /**
   * An empty domain.
   *
   * @param domain takes the ranges
   * @param reserved what the unit never translates
   */
  ReplayPages(
      ReplayDomain domain, TableFormat format, List<AddressRange> reserved, Findings findings) {
    this.domain = domain;
    this.findings = findings;
    this.reserved = reserved;
    this.granuleLg2 = format.frameLg2();
    this.granule = format.frameBytes();
    this.wholeMask = (int) ((1L << (granule >>> PAGE_LG2)) - 1);
    this.lastPa = format.paBits() == Long.SIZE ? -1L : (1L << format.paBits()) - 1;
  }

  /** Bytes that the events mapped and did not unmap. */
  long mappedBytes() {
    return mapped;
  }

  /** Bytes that leaves cover: more than {@link #mappedBytes} if granules are larger than pages. */
  long coveredBytes() {
    return covered;
  }

  /** How many events were rounded outward. */
  long roundedEvents() {
    return rounded;
  }

  /** Whether a page is mapped. */
  boolean isMapped(long iova) {
    if (!domain.translates(iova, iova) || !domain.isMapped(iova)) {
      return false;
    }
    int mask = masks.get(iova >>> granuleLg2);
    return mask == 0 || (mask & pageBit(iova)) != 0;
  }

  /** A map event. */
  void map(long line, long iova, long pa, long size) {
    if (!isUsable(line, iova, pa, size)) {
      return;
    }
    if (Long.compareUnsigned(pa, lastPa) > 0 || Long.compareUnsigned(size - 1, lastPa - pa) > 0) {
      findings.add(Finding.PA_TOO_WIDE, line);
      return;
    }
    boolean free;
    if (((iova | size) & (granule - 1)) == 0) {
      free = mapWhole(iova, pa & -granule, size);
    } else {
      rounded++;
      free = mapRounded(iova, pa, size);
    }
    if (!free) {
      findings.add(Finding.DOUBLE_MAP, line);
    }
    mapped += size;
  }

  /**
   * An unmap event.
   *
   * @param kernel how many bytes the kernel unmapped, which stops where nothing is mapped and takes
   *     large leaves whole
   */
  void unmap(long line, long iova, long size, long kernel) {
    if (!isUsable(line, iova, 0, size)) {
      return;
    }
    if (kernel == 0) {
      findings.add(Finding.NEVER_MAPPED, line);
      return;
    }
    long wanted = Math.min(size, (kernel + PAGE - 1) & -PAGE);
    CutLeaf cut = kernel > size ? CutLeaf.WHOLE : CutLeaf.SPLIT;
    long before = mapped;
    boolean whole;
    if (((iova | wanted) & (granule - 1)) == 0) {
      whole = unmapWhole(iova, wanted, cut);
    } else {
      rounded++;
      whole = unmapRounded(iova, wanted, cut);
    }
    if (!whole) {
      findings.add(Finding.CUT_LEAF, line);
    } else if (mapped == before) {
      findings.add(Finding.NEVER_MAPPED, line);
    } else if (before - mapped < size) {
      findings.add(Finding.PARTLY_MAPPED, line);
    }
  }

  private boolean isUsable(long line, long iova, long pa, long size) {
    long last = iova + size - 1;
    if (size == 0) {
      findings.add(Finding.ZERO_LENGTH, line);
    } else if (((iova | pa | size) & (PAGE - 1)) != 0) {
      findings.add(Finding.MISALIGNED, line);
    } else if (Long.compareUnsigned(last, iova) < 0 || !domain.translates(iova, last)) {
      findings.add(Finding.OUTSIDE_FORMAT, line);
    } else if (isReserved(iova, last)) {
      findings.add(Finding.RESERVED, line);
    } else {
      return true;
    }
    return false;
  }

  private boolean isReserved(long first, long last) {
    for (int i = 0; i < reserved.size(); i++) {
      AddressRange range = reserved.get(i);
      if (Long.compareUnsigned(first, range.last()) <= 0
          && Long.compareUnsigned(range.start(), last) <= 0) {
        return true;
      }
    }
    return false;
  }

  // --- Whole granules
  // ------------------------------------------------------------------------------

  private boolean mapWhole(long iova, long pa, long bytes) {
    boolean free = domain.map(iova, pa, bytes);
    if (!free) {
      unmapWhole(iova, bytes, CutLeaf.SPLIT);
      domain.map(iova, pa, bytes);
    }
    covered += bytes;
    return free;
  }

  /** Whether no leaf was cut. */
  private boolean unmapWhole(long iova, long bytes, CutLeaf cut) {
    long missing = masks.isEmpty() ? 0 : forget(iova, bytes);
    long removed = domain.unmap(iova, bytes);
    boolean whole = removed >= 0;
    if (!whole) {
      removed = domain.unmap(iova, bytes, cut);
    }
    covered -= removed;
    mapped -= removed - missing;
    return whole;
  }

  /** Forgets which pages of these granules are mapped. Bytes of them that are not. */
  private long forget(long iova, long bytes) {
    long missing = 0;
    long lastGranule = (iova + bytes - 1) >>> granuleLg2;
    for (long g = iova >>> granuleLg2; g <= lastGranule; g++) {
      int mask = masks.get(g);
      if (mask != 0) {
        missing += granule - ((long) Integer.bitCount(mask) << PAGE_LG2);
        masks.put(g, 0);
      }
    }
    return missing;
  }

  // --- Parts of granules
  // ---------------------------------------------------------------------------

  private boolean mapRounded(long iova, long pa, long size) {
    boolean free = true;
    long end = iova + size;
    long at = iova;
    while (at != end) {
      long next = pieceEnd(at, end);
      long piecePa = (pa + (at - iova)) & -granule;
      free &= isPart(at, next) ? mapPart(at, next, piecePa) : mapWhole(at, piecePa, next - at);
      at = next;
    }
    return free;
  }

  private boolean unmapRounded(long iova, long size, CutLeaf cut) {
    boolean whole = true;
    long end = iova + size;
    long at = iova;
    while (at != end) {
      long next = pieceEnd(at, end);
      whole &= isPart(at, next) ? unmapPart(at, next, cut) : unmapWhole(at, next - at, cut);
      at = next;
    }
    return whole;
  }

  /** Up to where a piece goes that is whole granules or a part of one. */
  private long pieceEnd(long at, long end) {
    long room = granule - (at & (granule - 1));
    if (room < granule || end - at < granule) {
      return at + Math.min(room, end - at);
    }
    return end & -granule;
  }

  private boolean isPart(long at, long end) {
    return ((at | end) & (granule - 1)) != 0;
  }

  private boolean mapPart(long at, long end, long pa) {
    long first = at & -granule;
    int wanted = pageBits(at, end);
    int present = present(first);
    if (present == 0) {
      domain.map(first, pa, granule);
      covered += granule;
    }
    mapped -= (long) Integer.bitCount(present & wanted) << PAGE_LG2;
    setPresent(first, present | wanted);
    return (present & wanted) == 0;
  }

  private boolean unmapPart(long at, long end, CutLeaf cut) {
    long first = at & -granule;
    int wanted = pageBits(at, end);
    int present = present(first);
    boolean whole = true;
    if (present != 0 && (present & ~wanted) == 0) {
      masks.put(first >>> granuleLg2, 0);
      long removed = domain.unmap(first, granule);
      whole = removed >= 0;
      covered -= whole ? removed : domain.unmap(first, granule, cut);
    } else if (present != 0) {
      setPresent(first, present & ~wanted);
    }
    mapped -= (long) Integer.bitCount(present & wanted) << PAGE_LG2;
    return whole;
  }

  /** The pages of a granule that are mapped. */
  private int present(long first) {
    int mask = masks.get(first >>> granuleLg2);
    return mask != 0 ? mask : domain.isMapped(first) ? wholeMask : 0;
  }

  private void setPresent(long first, int mask) {
    masks.put(first >>> granuleLg2, mask == wholeMask ? 0 : mask);
  }

  private int pageBit(long iova) {
    return 1 << (int) ((iova & (granule - 1)) >>> PAGE_LG2);
  }

  private int pageBits(long at, long end) {
    int from = (int) ((at & (granule - 1)) >>> PAGE_LG2);
    int pages = (int) ((end - at) >>> PAGE_LG2);
    return (int) ((1L << pages) - 1) << from;
  }
}
