package dev.memdesc.cli.survey;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.cli.ExpressibleAttributes;
import java.util.HashMap;
import java.util.Map;

/**
 * Builds the tables of a process from the regions of its mappings: one map call per run of pages of
 * one kind and one size.
 *
 * <p>Data frames get synthetic addresses, a cursor kept aligned to each leaf: which frames a
 * process has does not change what its tables cost. Where the format's leaves differ from the
 * host's, a region takes the largest leaf that is no larger, and base pages that share a larger
 * frame become one.
 */
final class TableBuilder implements RegionSink, AutoCloseable {
  private static final int BASE_LG2 = 12;
  private static final int HUGE_LG2 = 21;

  private static final int DEPOSIT_LEVEL = 1;
  private static final long SOFT_NUMBER = 1;

  /** What a run of pages becomes. */
  private enum Use {
    LEAF,
    LEAF_WITH_DEPOSIT,
    PROT_NONE,
    SWAP,
    GUARD
  }

  private final AddressSpace space;
  private final Gather gather;
  private final TableFormat format;
  private final long paEnd;
  private final long softSizes;

  private final Map<Attributes, Attributes> expressible = new HashMap<>();
  private Attributes attributes = Attributes.USER_DATA;
  private boolean protNone;
  private int hugetlbLg2;

  private Use runUse = Use.LEAF;
  private int runLg2;
  private long runStart;
  private long runEnd;
  private boolean touched;
  private long shift;
  private long mappedBytes;
  private long nextVa;
  private long nextPa;

  /** Builds in {@code space}, which stays the caller's. */
  TableBuilder(AddressSpace space) {
    this.space = space;
    this.gather = space.gather();
    this.format = space.format();
    this.paEnd = 1L << Math.min(62, format.paBits());
    this.softSizes = softSizes(format);
  }

  /**
   * Begins with a mapping; mappings come in ascending order.
   *
   * @param down what is subtracted from its addresses, a multiple of every leaf's size
   */
  void begin(Vma vma, VmaDetails details, long down) {
    shift = down;
    protNone = vma.isProtNone();
    // A store or fetch is never allowed without a load on the hosts that Linux surveys.
    int access = Access.READ.bit() | Access.ACCESSED.bit();
    if (!protNone) {
      access |= Access.USER.bit();
    }
    if (vma.isWritable()) {
      access |= Access.WRITE.bit() | Access.DIRTY.bit();
    }
    if (vma.isExecutable()) {
      access |= Access.EXECUTE.bit();
    }
    attributes =
        expressible.computeIfAbsent(
            Attributes.ofBits(access), wanted -> ExpressibleAttributes.of(format, wanted));
    hugetlbLg2 = details.hugetlb() ? 63 - Long.numberOfLeadingZeros(details.pageKiB() << 10) : 0;
    touched = false;
  }

  @Override
  public void region(long from, long to, int categories) {
    long start = from - shift;
    long end = to - shift;
    touched = true;
    boolean present = (categories & Category.PRESENT) != 0;
    if (hugetlbLg2 != 0) {
      Use use = !present ? Use.SWAP : protNone ? Use.PROT_NONE : Use.LEAF;
      addLarge(use, hugetlbLg2, start, end, present ? baseUse() : Use.SWAP);
    } else if ((categories & Category.HUGE) != 0) {
      boolean deposited = (categories & Category.FILE) == 0 || (categories & Category.PFNZERO) != 0;
      addLarge(
          deposited ? Use.LEAF_WITH_DEPOSIT : Use.LEAF,
          HUGE_LG2,
          start,
          end,
          present ? baseUse() : Use.SWAP);
    } else if (present) {
      add(baseUse(), BASE_LG2, start, end);
    } else {
      boolean guard = (categories & Category.GUARD) != 0;
      add(guard ? Use.GUARD : Use.SWAP, BASE_LG2, start, end);
    }
  }

  private Use baseUse() {
    return protNone ? Use.PROT_NONE : Use.LEAF;
  }

  /** What a race of the scan with the process cut off a large page becomes base pages. */
  private void addLarge(Use use, int sizeLg2, long start, long end, Use remainder) {
    long first = Math.min(end, alignUp(start, sizeLg2));
    long last = Math.max(first, end >>> sizeLg2 << sizeLg2);
    add(remainder, BASE_LG2, start, first);
    add(use, sizeLg2, first, last);
    add(remainder, BASE_LG2, last, end);
  }

  private void add(Use use, int sizeLg2, long start, long end) {
    if (start == end) {
      return;
    }
    if (runUse != use || runLg2 != sizeLg2 || runEnd != start) {
      flush();
      runUse = use;
      runLg2 = sizeLg2;
      runStart = start;
    }
    runEnd = end;
  }

  /** Ends the mapping: everything that was shown is in the tables. Whether that was anything. */
  boolean end() {
    flush();
    runStart = runEnd;
    return touched;
  }

  /** How many bytes leaves translate. */
  long mappedBytes() {
    return mappedBytes;
  }

  private void flush() {
    if (runStart == runEnd) {
      return;
    }
    boolean leaves = runUse == Use.LEAF || runUse == Use.LEAF_WITH_DEPOSIT;
    int leafLg2 = atMost(runLg2, leaves ? format.leafSizes().bitmap() : softSizes);
    long start = alignUp(Math.max(runStart >>> leafLg2 << leafLg2, nextVa), leafLg2);
    long end = alignUp(runEnd, leafLg2);
    if (start < end) {
      switch (runUse) {
        case LEAF -> map(start, end, leafLg2);
        case LEAF_WITH_DEPOSIT -> {
          map(start, end, leafLg2);
          deposit(start, end, leafLg2);
        }
        case PROT_NONE -> putSoft(start, end, leafLg2, SoftEntry.Kind.PROT_NONE);
        case SWAP -> putSoft(start, end, leafLg2, SoftEntry.Kind.SWAP);
        case GUARD -> putSoft(start, end, leafLg2, SoftEntry.Kind.GUARD);
      }
      nextVa = end;
    }
    runStart = runEnd;
  }

  private void map(long start, long end, int leafLg2) {
    PageSizes sizes = PageSizes.ofLg2(leafLg2);
    long va = start;
    while (va < end) {
      long length = Math.min(end - va, paEnd / 2);
      space.map(va, frames(length, leafLg2), length, attributes, sizes, gather);
      va += length;
    }
    mappedBytes += end - start;
  }

  private void deposit(long start, long end, int leafLg2) {
    if (format.level(DEPOSIT_LEVEL).shift() != leafLg2) {
      return;
    }
    for (long va = start; va < end; va += 1L << leafLg2) {
      space.deposit(va);
    }
  }

  private void putSoft(long start, long end, int leafLg2, SoftEntry.Kind kind) {
    SoftEntry swap = new SoftEntry(kind, SOFT_NUMBER);
    for (long va = start; va < end; va += 1L << leafLg2) {
      SoftEntry entry =
          kind == SoftEntry.Kind.PROT_NONE
              ? new SoftEntry(kind, frames(1L << leafLg2, leafLg2))
              : swap;
      space.putSoft(va, leafLg2, entry, gather);
    }
  }

  private long frames(long length, int leafLg2) {
    long pa = alignUp(nextPa, leafLg2);
    if (pa + length > paEnd) {
      pa = 0;
    }
    nextPa = pa + length;
    return pa;
  }

  /** The largest size that is no larger; a base page if none is. */
  private int atMost(int sizeLg2, long sizes) {
    long fitting = sizes & ((2L << sizeLg2) - 1);
    return fitting == 0 ? format.frameLg2() : 63 - Long.numberOfLeadingZeros(fitting);
  }

  /** The sizes of a SOFT entry, which takes one item: not those of groups. */
  private static long softSizes(TableFormat format) {
    long sizes = 0;
    for (LevelLayout level : format.levels()) {
      if (!level.leaves().isEmpty()) {
        sizes |= 1L << level.shift();
      }
    }
    return sizes;
  }

  private static long alignUp(long address, int lg2) {
    long bytes = 1L << lg2;
    return (address + bytes - 1) & -bytes;
  }

  @Override
  public void close() {
    gather.close();
  }
}
