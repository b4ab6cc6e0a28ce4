package dev.memdesc.referee;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.TableFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * An address space that is filled and changed at random through the public API, each step done in a
 * {@link PlainMap} too and compared: what is refused, what is returned.
 */
final class RandomSpace {
  private static final int MOST_SMALL_LEAVES = 24;
  private static final int NEAR_LEAVES = 8;

  private final AddressSpace space;
  private final TableFormat format;
  private final DataFrames data;
  private final AttributeDeck deck;
  private final List<AddressRange> reserved;
  private final SplittableRandom random;
  private final PlainMap plain = new PlainMap();
  private final List<Long> bases = new ArrayList<>();
  private final int[] sizesLg2;
  private final boolean beyondRam;

  /**
   * Begins with nothing mapped.
   *
   * @param reserved va that must not be mapped
   * @param beyondRam whether pages may be at a pa that RAM does not have
   */
  RandomSpace(
      AddressSpace space,
      DataFrames data,
      AttributeDeck deck,
      List<AddressRange> reserved,
      boolean beyondRam,
      SplittableRandom random) {
    this.space = space;
    this.format = space.format();
    this.data = data;
    this.deck = deck;
    this.reserved = reserved;
    this.beyondRam = beyondRam;
    this.random = random;
    this.sizesLg2 = IntStream.range(0, Long.SIZE).filter(format.leafSizes()::contains).toArray();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      bases.add(base());
    }
  }

  /** The plain map. */
  PlainMap plain() {
    return plain;
  }

  /** A place to map things around: anywhere, or where something ends or tables meet. */
  private long base() {
    int bits = format.va().bits();
    long va =
        switch (random.nextInt(5)) {
          case 0 -> 0;
          case 1 -> -1L;
          case 2 -> 1L << (bits - 1);
          case 3 -> {
            int shift = format.level(random.nextInt(format.rootLevel() + 1)).spanLg2();
            yield random.nextLong() << Math.min(63, shift);
          }
          default -> random.nextLong();
        };
    return format.va().extend(va);
  }

  /** A va near one of the places, a multiple of the leaf of a size. */
  private long near(int sizeLg2) {
    long base = bases.get(random.nextInt(bases.size()));
    long distance = random.nextLong(2 * NEAR_LEAVES + 1) - NEAR_LEAVES;
    long page = distance << sizesLg2[random.nextInt(sizesLg2.length)];
    return format.va().extend(base + page) & -1L << sizeLg2;
  }

  /** Maps something somewhere, or tries to. */
  void map(Gather gather) {
    int which = random.nextInt(sizesLg2.length);
    int sizeLg2 = sizesLg2[which];
    long chunk = data.any(random);
    long pa = beyondRam && random.nextInt(8) == 0 ? pageBeyondRam(sizeLg2) : chunk & -1L << sizeLg2;
    long va = near(sizeLg2);
    long length = (1L + random.nextInt(4)) << sizeLg2;
    if (random.nextBoolean()) {
      // Leaves of several sizes: begin and end a few small ones away.
      int smallLg2 = sizesLg2[0];
      long before = random.nextLong(MOST_SMALL_LEAVES) << smallLg2;
      if (Long.compareUnsigned(pa, before) >= 0) {
        va -= before;
        pa -= before;
        length += before;
      }
      length += random.nextLong(MOST_SMALL_LEAVES) << smallLg2;
    }
    PageSizes sizes = PageSizes.ANY;
    if (which > 0 && length >>> sizesLg2[which - 1] <= 512 && random.nextInt(16) == 0) {
      sizes = PageSizes.ofLg2(Arrays.copyOf(sizesLg2, which));
    }
    if (isLegal(va, pa, length)) {
      map(va, pa, length, deck.deal(), sizes, gather);
    }
  }

  private long pageBeyondRam(int sizeLg2) {
    long pa = random.nextLong() & (1L << random.nextInt(38, format.paBits() + 1)) - 1;
    return pa & -1L << sizeLg2;
  }

  private boolean isLegal(long va, long pa, long length) {
    long last = va + (length - 1);
    return Long.compareUnsigned(va, last) < 0
        && format.va().allows(va)
        && format.va().allows(last)
        && (va ^ last) >= 0
        && (format.paBits() == 64 || (pa + (length - 1)) >>> format.paBits() == 0)
        && reserved.stream().noneMatch(new AddressRange(va, last)::overlaps);
  }

  /** Maps this, or fails where the plain map has something already. */
  void map(long va, long pa, long length, Attributes attributes, PageSizes sizes, Gather gather) {
    boolean free = !plain.overlaps(va, length);
    try {
      space.map(va, pa, length, attributes, sizes, gather);
    } catch (PageTableException e) {
      // A size may be missing where a table for smaller leaves is kept.
      require(e.reason() == Reason.ALREADY_MAPPED && !free, va, "map: " + e.getMessage());
      return;
    }
    require(free, va, "map over something");
    plain.add(new PlainMap.Range(va, length, pa, attributes));
  }

  /** Puts a SOFT entry somewhere, or tries to. */
  void putSoft(Gather gather) {
    // One item: what a group of items spans is no size of a SOFT entry.
    int level = random.nextInt(format.rootLevel() + 1);
    int sizeLg2 = format.level(format.level(level).leaves().isEmpty() ? 0 : level).shift();
    long va = near(sizeLg2);
    SoftEntry.Kind kind = SoftEntry.Kind.values()[random.nextInt(SoftEntry.Kind.values().length)];
    long payload =
        kind == SoftEntry.Kind.PROT_NONE
            ? data.any(random) & -1L << sizeLg2
            : random.nextLong(1 << 20);
    long length = 1L << sizeLg2;
    if (!isLegal(va, 0, length)) {
      return;
    }
    boolean free = !plain.overlaps(va, length);
    try {
      space.putSoft(va, sizeLg2, new SoftEntry(kind, payload), gather);
    } catch (PageTableException e) {
      // A table is kept there, or the format has no such entry.
      boolean known = e.reason() == Reason.ALREADY_MAPPED || e.reason() == Reason.ATTRIBUTE;
      require(known, va, "putSoft: " + e.getMessage());
      return;
    }
    require(free, va, "a SOFT entry over something");
    plain.add(new PlainMap.Range(va, length, 0, null));
  }

  /** Unmaps a piece of something, or tries to. */
  void unmap(Gather gather) {
    AddressRange piece = piece();
    try {
      long bytes = space.unmap(piece.start(), piece.length(), gather);
      require(
          bytes == plain.remove(piece.start(), piece.length()), piece.start(), "bytes unmapped");
    } catch (PageTableException e) {
      require(e.reason() == Reason.CUTS_LARGE_LEAF, piece.start(), "unmap: " + e.getMessage());
    }
  }

  /** Changes the attributes of a piece of something, or tries to. */
  void protect(Gather gather) {
    AddressRange piece = piece();
    Attributes attributes = deck.deal();
    try {
      long bytes = space.protect(piece.start(), piece.length(), attributes, gather);
      require(
          bytes == plain.protect(piece.start(), piece.length(), attributes),
          piece.start(),
          "bytes protected");
    } catch (PageTableException e) {
      require(e.reason() == Reason.CUTS_LARGE_LEAF, piece.start(), "protect: " + e.getMessage());
    }
  }

  /** A part of a range that is mapped, of whole small leaves. */
  private AddressRange piece() {
    List<PlainMap.Range> all = plain.all();
    if (all.isEmpty()) {
      return AddressRange.of(format.va().extend(0), format.frameBytes());
    }
    PlainMap.Range range = all.get(random.nextInt(all.size()));
    int sizeLg2 = sizesLg2[random.nextInt(sizesLg2.length)];
    long units = range.length() >>> sizeLg2;
    if (units == 0 || (range.va() & (1L << sizeLg2) - 1) != 0) {
      return AddressRange.of(range.va(), range.length());
    }
    long first = random.nextLong(units);
    return AddressRange.of(
        range.va() + (first << sizeLg2), (1 + random.nextLong(units - first)) << sizeLg2);
  }

  private void require(boolean holds, long va, String what) {
    if (!holds) {
      throw new IllegalStateException(
          "the engine does what the plain map does: format=%s, va=%s, %s"
              .formatted(format, Hex.of(va), what));
    }
  }
}
