package dev.memdesc.core.engine;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.LevelLayout;

/** Checks of the arguments of operations: what throws here has changed nothing. */
final class Checks {
  private Checks() {}

  /** Checks a va range and returns its last address. */
  static long range(long va, long length) {
    long last = AddressRange.lastOf(va, length);
    if (((va | length) & Stamp.FRAME_MASK) != 0) {
      throw misaligned("va and length are").hex("va", va).hex("length", length).build();
    }
    visible(va, last);
    return last;
  }

  /** Whether a va is that of a page; if not, {@link #range} says why. */
  static boolean isPage(long va) {
    return (va & Stamp.FRAME_MASK) == 0 && Stamp.FORMAT.va().allows(va);
  }

  /** Whether a pa is that of a page; if not, {@link #pa} says why. */
  static boolean isPagePa(long pa) {
    int bits = Stamp.FORMAT.paBits();
    return (pa & Stamp.FRAME_MASK) == 0 && (bits == 64 || pa >>> bits == 0);
  }

  /** Checks that the format can translate all of a range. */
  static void visible(long va, long last) {
    Stamp.FORMAT.checkVa(va);
    Stamp.FORMAT.checkVa(last);
    if ((va ^ last) < 0 && Stamp.FORMAT.va().bits() < 64) {
      throw PageTableException.because(
              Reason.VA_OUTSIDE_FORMAT, "a range does not cross the hole between the two halves")
          .hex("va", va)
          .hex("last", last)
          .with("format", Stamp.FORMAT)
          .build();
    }
  }

  /** Checks the pa range of a map. */
  static void pa(long pa, long length) {
    if ((pa & Stamp.FRAME_MASK) != 0) {
      throw misaligned("pa and length are").hex("pa", pa).hex("length", length).build();
    }
    long last = pa + (length - 1);
    int bits = Stamp.FORMAT.paBits();
    if (Long.compareUnsigned(last, pa) < 0 || (bits < 64 && (last >>> bits) != 0)) {
      throw PageTableException.because(
              Reason.PA_TOO_WIDE, "a pa has no bits above what the format holds")
          .hex("pa", pa)
          .hex("length", length)
          .with("paBits", bits)
          .with("format", Stamp.FORMAT)
          .build();
    }
  }

  /** The sizes of {@code wanted} that the format has; the smallest divides all of the request. */
  static long sizes(PageSizes wanted, long va, long pa, long length) {
    // Not PageSizes: two records for each request, if the JIT does not see that they stay here.
    long usable = wanted.bitmap() & Stamp.LEAF_SIZES;
    if (usable == 0 || ((va | pa | length) & (Long.lowestOneBit(usable) - 1)) != 0) {
      throw PageTableException.because(
              Reason.PAGE_SIZE, "va, pa and length are multiples of a leaf size that may be used")
          .hex("va", va)
          .hex("pa", pa)
          .hex("length", length)
          .with("asked", wanted.equals(PageSizes.ANY) ? "any" : wanted)
          .with("exist", new PageSizes(Stamp.LEAF_SIZES))
          .with("format", Stamp.FORMAT)
          .build();
    }
    return usable;
  }

  /** The error for an item, not EMPTY, that is where a leaf or a table should go. */
  static PageTableException inTheWay(LevelLayout layout, long va, long item) {
    return layout.kind(item) == EntryKind.INVALID
        ? invalid(layout, va, item)
        : occupied(layout, va, item);
  }

  private static PageTableException occupied(LevelLayout layout, long va, long item) {
    return PageTableException.because(
            Reason.ALREADY_MAPPED, "a range that is mapped holds no entry yet")
        .hex("va", va)
        .with("found", layout.kind(item))
        .with("level", layout.manualName())
        .hex("item", item)
        .hint("unmap it first")
        .build();
  }

  /** The error for an item that hardware would report. */
  static PageTableException invalid(LevelLayout layout, long va, long item) {
    return PageTableException.because(Reason.INVALID_ENTRY, "an item is EMPTY, TABLE, LEAF or SOFT")
        .hex("va", va)
        .with("level", layout.manualName())
        .hex("item", item)
        .with("format", Stamp.FORMAT)
        .build();
  }

  /** The error for a table that a walk was led to and that memory does not have. */
  static PageTableException outside(long pa, long firstPa, long lastWord) {
    return PageTableException.because(Reason.INVALID_ENTRY, "a table lies in physical memory")
        .hex("pa", pa)
        .hex("firstPa", firstPa)
        .hex("lastPa", firstPa + lastWord + Stamp.ITEM_BYTES - 1)
        .with("format", Stamp.FORMAT)
        .build();
  }

  private static PageTableException.Builder misaligned(String what) {
    return PageTableException.because(
            Reason.MISALIGNED, what + " multiples of " + (1L << Stamp.FRAME_LG2) + " bytes")
        .with("format", Stamp.FORMAT);
  }
}
