package dev.memdesc.iommu.smmu;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.SoftLayout;
import java.util.List;

/**
 * Attributes of Armv7 short descriptors, as Linux's io-pgtable writes them: Arm ARM (Armv7) B3.5
 * "Short-descriptor translation table format", with the access flag in AP[0]. The pictures are at
 * {@link ShortFormat}.
 */
final class ShortCodec implements EntryCodec {
  /** Where a kind of leaf has what the kinds have in different places. */
  enum Place {
    /** 4 KiB. */
    SMALL(0, 4, 6, 9, 10),
    /** 64 KiB. */
    LARGE(15, 4, 12, 9, 10),
    /** 1 MiB and 16 MiB. */
    SECTION(4, 10, 12, 15, 16);

    final long xn;
    final int ap;
    final int tex;
    final long ap2;
    final long s;
    final long ng;

    Place(int xn, int ap, int tex, int ap2, int s) {
      this.xn = 1L << xn;
      this.ap = ap;
      this.tex = tex;
      this.ap2 = 1L << ap2;
      this.s = 1L << s;
      this.ng = 2L << s;
    }

    /** AP[0]: the access flag. */
    long af() {
      return 1L << ap;
    }

    /** AP[1]: unprivileged accesses. */
    long unprivileged() {
      return 2L << ap;
    }
  }

  private static final long B = 1 << 2;
  private static final long C = 1 << 3;
  private static final long TEX_MASK = 7;
  private static final long LARGE_TYPE = 1;
  private static final long TYPE = 3;

  /** Bits 1:0 of a SOFT item are those of an invalid one; this bit tells it from EMPTY. */
  private static final long SOFT = 1 << 4;

  private static final int SOFT_CODE_SHIFT = 2;
  private static final int PAGE_LG2 = 12;
  private static final List<SoftEntry.Kind> KINDS =
      List.of(
          SoftEntry.Kind.PROT_NONE,
          SoftEntry.Kind.SWAP,
          SoftEntry.Kind.MIGRATION,
          SoftEntry.Kind.GUARD);

  static Place place(long item, int level) {
    return level > 0 ? Place.SECTION : (item & TYPE) == LARGE_TYPE ? Place.LARGE : Place.SMALL;
  }

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    check(attributes);
    Place place = place(leaf.constant(), level);
    return cached(attributes.memoryType(), place)
        | place.s
        | place.ng
        | (attributes.has(Access.ACCESSED) ? place.af() : 0)
        | (attributes.has(Access.USER) ? place.unprivileged() : 0)
        | (attributes.has(Access.WRITE) ? 0 : place.ap2)
        | (attributes.has(Access.EXECUTE) ? 0 : place.xn);
  }

  private static void check(Attributes attributes) {
    if (!attributes.has(Access.READ)
        || attributes.has(Access.GLOBAL)
        || attributes.has(Access.DIRTY)
        || attributes.protectionKey() != 0
        || attributes.software() != 0) {
      throw PageTableException.because(
              Reason.ATTRIBUTE,
              "a short descriptor can be read, is of one domain, and has no dirty state, no"
                  + " protection key and no bits for software")
          .with("attributes", attributes)
          .build();
    }
  }

  /** TEX, C and B without remapping. */
  private static long cached(MemoryType type, Place place) {
    return switch (type) {
      case WRITE_BACK -> 1L << place.tex | C | B;
      case WRITE_COMBINING -> 1L << place.tex;
      case WRITE_THROUGH -> C;
      case UNCACHED -> B;
      case WRITE_PROTECTED, UNCACHED_MINUS, SNOOPED ->
          throw PageTableException.because(
                  Reason.ATTRIBUTE,
                  "a short descriptor's memory is write-back, write-through, write-combining or"
                      + " uncached")
              .with("memoryType", type)
              .build();
    };
  }

  @Override
  public Attributes decode(long item, int level) {
    Place place = place(item, level);
    int access =
        Access.READ.bit()
            | ((item & place.ap2) == 0 ? Access.WRITE.bit() : 0)
            | ((item & place.xn) == 0 ? Access.EXECUTE.bit() : 0)
            | ((item & place.unprivileged()) != 0 ? Access.USER.bit() : 0)
            | ((item & place.ng) == 0 ? Access.GLOBAL.bit() : 0)
            | ((item & place.af()) != 0 ? Access.ACCESSED.bit() : 0);
    return Attributes.ofBits(access).with(type(item, place));
  }

  private static MemoryType type(long item, Place place) {
    boolean normal = (item >>> place.tex & TEX_MASK) != 0;
    if ((item & C) != 0) {
      return normal || (item & B) != 0 ? MemoryType.WRITE_BACK : MemoryType.WRITE_THROUGH;
    }
    return normal && (item & B) == 0 ? MemoryType.WRITE_COMBINING : MemoryType.UNCACHED;
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    return soft(level).encode(entry);
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    return soft(level).decode(item);
  }

  private static SoftLayout soft(int level) {
    int spanLg2 = level == 0 ? PAGE_LG2 : ShortFormat.SECTION_LG2;
    return new SoftLayout(31, PAGE_LG2, SOFT_CODE_SHIFT, SOFT, spanLg2, KINDS);
  }

  @Override
  public List<BitField> picture(long item, int level) {
    return ShortFields.of(item, level);
  }
}
