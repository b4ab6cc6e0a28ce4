package dev.memdesc.cli.replay;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.format.LevelLayout;
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
  private final TableFormat format;
  private final long mostTableBytes;
  private final GranuleMasks masks = new GranuleMasks();
  private long mapped;
  private long covered;
  private long rounded;

  /**
   * An empty domain.
   *
   * @param domain takes the ranges
   * @param reserved what the unit never translates
   * @param mostTableBytes of memory there are for tables
   */
  ReplayPages(
      ReplayDomain domain,
      TableFormat format,
      List<AddressRange> reserved,
      long mostTableBytes,
      Findings findings) {
    this.format = format;
    this.mostTableBytes = mostTableBytes;
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
    map(line, iova, pa, size, false);
  }

  private void map(long line, long iova, long pa, long size, boolean pieces) {
    if (!isUsable(line, iova, pa, size)) {
      return;
    }
    if (Long.compareUnsigned(pa, lastPa) > 0 || Long.compareUnsigned(size - 1, lastPa - pa) > 0) {
      findings.add(Finding.PA_TOO_WIDE, line);
      return;
    }
    if (leafTableBytes(iova, pa & -granule, size, pieces) > mostTableBytes) {
      findings.add(Finding.TOO_LARGE, line);
      return;
    }
    boolean free;
    if (((iova | size) & (granule - 1)) == 0) {
      free = mapWhole(iova, pa & -granule, size, pieces);
    } else {
      rounded++;
      free = mapRounded(iova, pa, size, pieces);
    }
    if (!free) {
      findings.add(Finding.DOUBLE_MAP, line);
    }
    mapped += size;
  }

  /**
   * A map event that does not say the pas: of a scatter list, whose pieces nobody knows. It is
   * mapped in the format's smallest pages, which need the most tables.
   */
  void mapPieces(long line, long iova, long size) {
    map(line, iova, 0, size, true);
  }

  /**
   * An unmap event.
   *
   * @param kernel how many bytes the kernel unmapped: fewer than asked for where nothing is mapped,
   *     more where it took large leaves whole. So many go here too, whatever leaves the format has:
   *     what is mapped afterwards is what the kernel has mapped
   */
  void unmap(long line, long iova, long size, long kernel) {
    if (!isUsable(line, iova, 0, size)) {
      return;
    }
    if (kernel == 0) {
      findings.add(Finding.NEVER_MAPPED, line);
      return;
    }
    long wanted = (kernel + PAGE - 1) & -PAGE;
    long from = wanted > size ? WholeLeaves.start(iova, size, wanted) : iova;
    if (!isUsable(line, from, 0, wanted)) {
      return;
    }
    long before = mapped;
    boolean whole;
    if (((from | wanted) & (granule - 1)) == 0) {
      whole = unmapWhole(from, wanted);
    } else {
      rounded++;
      whole = unmapRounded(from, wanted);
    }
    if (!whole) {
      findings.add(Finding.CUT_LEAF, line);
    } else if (mapped == before) {
      findings.add(Finding.NEVER_MAPPED, line);
    } else if (before - mapped < Math.max(size, wanted)) {
      findings.add(Finding.PARTLY_MAPPED, line);
    }
  }

  /** The least bytes of items that the leaves take, in the largest leaves that may be used. */
  private long leafTableBytes(long iova, long pa, long size, boolean pieces) {
    LevelLayout best = format.level(0);
    for (LevelLayout level : format.levels()) {
      long leaf = 1L << level.shift();
      if (!pieces && !level.leaves().isEmpty() && leaf <= size && ((iova ^ pa) & (leaf - 1)) == 0) {
        best = level;
      }
    }
    return (size >>> best.shift()) * (best.table().bytes() >>> best.indexBits());
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

  private boolean mapWhole(long iova, long pa, long bytes, boolean pieces) {
    boolean free = domain.map(iova, pa, bytes, pieces);
    if (!free) {
      unmapWhole(iova, bytes);
      domain.map(iova, pa, bytes, pieces);
    }
    covered += bytes;
    return free;
  }

  /** Whether no leaf was cut. */
  private boolean unmapWhole(long iova, long bytes) {
    long missing = masks.isEmpty() ? 0 : forget(iova, bytes);
    long removed = domain.unmap(iova, bytes);
    boolean whole = removed >= 0;
    if (!whole) {
      removed = domain.unmap(iova, bytes, CutLeaf.SPLIT);
    }
    covered -= removed;
    mapped -= removed - missing;
    return whole;
  }

  /** Forgets which pages of these granules are mapped. Bytes of them that are not. */
  private long forget(long iova, long bytes) {
    long last = (iova + bytes - 1) >>> granuleLg2;
    int granulePages = (int) (granule >>> PAGE_LG2);
    return masks.removeRange(iova >>> granuleLg2, last, granulePages) << PAGE_LG2;
  }

  // --- Parts of granules
  // ---------------------------------------------------------------------------

  private boolean mapRounded(long iova, long pa, long size, boolean pieces) {
    boolean free = true;
    long end = iova + size;
    long at = iova;
    while (at != end) {
      long next = pieceEnd(at, end);
      long piecePa = (pa + (at - iova)) & -granule;
      free &=
          isPart(at, next) ? mapPart(at, next, piecePa) : mapWhole(at, piecePa, next - at, pieces);
      at = next;
    }
    return free;
  }

  private boolean unmapRounded(long iova, long size) {
    boolean whole = true;
    long end = iova + size;
    long at = iova;
    while (at != end) {
      long next = pieceEnd(at, end);
      whole &= isPart(at, next) ? unmapPart(at, next) : unmapWhole(at, next - at);
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
      domain.map(first, pa, granule, false);
      covered += granule;
    }
    mapped -= (long) Integer.bitCount(present & wanted) << PAGE_LG2;
    setPresent(first, present | wanted);
    return (present & wanted) == 0;
  }

  private boolean unmapPart(long at, long end) {
    long first = at & -granule;
    int wanted = pageBits(at, end);
    int present = present(first);
    boolean whole = true;
    if (present != 0 && (present & ~wanted) == 0) {
      masks.put(first >>> granuleLg2, 0);
      long removed = domain.unmap(first, granule);
      whole = removed >= 0;
      covered -= whole ? removed : domain.unmap(first, granule, CutLeaf.SPLIT);
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
