package dev.memdesc.arch.s390;

import static dev.memdesc.arch.s390.S390Format.ACC_SHIFT;
import static dev.memdesc.arch.s390.S390Format.AV;
import static dev.memdesc.arch.s390.S390Format.COMMON;
import static dev.memdesc.arch.s390.S390Format.IEP;
import static dev.memdesc.arch.s390.S390Format.P;

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
import java.util.stream.IntStream;

/**
 * Attributes of s390x entries as the architecture has them: Principles of Operation, chapter 3
 * "Protection" and "Dynamic address translation". Level 0 is the page table, 1 the segment table, 2
 * the region-third table.
 *
 * <p>An entry can forbid stores (P) and fetches (IEP) and that is all. Who may use it is the affair
 * of whose ASCE leads to it, whether it was used is in the storage key of its frame: so every leaf
 * has USER, and none ACCESSED or DIRTY. A leaf of a segment or region can be common to all address
 * spaces (GLOBAL), and can have an access-control key (AV and ACC).
 *
 * <pre>
 *   software bits      7 6 5 4 3 2 1 0
 *   of a page          7 6 5 4 3 2 1 0     bits of the entry
 *   of 1M and 2G         15..12 11 1 0     ACC and F are software's as long as AV is 0
 * </pre>
 *
 * <p>SOFT entries: hardware ignores all of an item but I. What the other bits say is a choice of
 * memdesc; P is set as in Linux's swap entries, and code 1 is what Linux has as a page without
 * access.
 *
 * <pre>
 *          63                      12 11    10     9   8 6   5   4   3 2  1    0
 *         +--------------------------+---+--------+---+-----+---+---+----+------+
 *         |   pa, or payload         | 0 | I page | 1 |  0  | I | 0 | TT | code |
 *         +--------------------------+---+--------+---+-----+---+---+----+------+
 *   code: 0 SWAP, 1 PROT_NONE, 2 MIGRATION, 3 GUARD
 * </pre>
 */
final class S390Codec implements EntryCodec {
  static final S390Codec CODEC = new S390Codec();

  private static final long PAGE_SOFTWARE = 0xFF;

  /** Software bits of a large leaf in bits 1:0 of the entry; those above are ACC and F. */
  private static final int LOW_SOFTWARE_BITS = 2;

  private static final long LOW_SOFTWARE = (1 << LOW_SOFTWARE_BITS) - 1;
  private static final int HIGH_SOFTWARE_SHIFT = 11;
  private static final long HIGH_SOFTWARE = 0x1F;
  private static final int LARGE_SOFTWARE_MAX = 0x7F;
  private static final long ACC_MASK = 0xF;

  private static final List<SoftLayout> SOFT =
      IntStream.range(0, 5)
          .mapToObj(
              level ->
                  new SoftLayout(
                      63,
                      S390Format.FRAME_LG2,
                      0,
                      P | S390Format.invalid(level) | S390Format.tableType(level),
                      S390Format.shift(level),
                      List.of(
                          SoftEntry.Kind.SWAP,
                          SoftEntry.Kind.PROT_NONE,
                          SoftEntry.Kind.MIGRATION,
                          SoftEntry.Kind.GUARD)))
          .toList();

  private S390Codec() {}

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    requireWhatEveryEntryHas(attributes);
    if (attributes.has(Access.ACCESSED) || attributes.has(Access.DIRTY)) {
      throw refused("s390 keeps accessed and dirty in the storage key of a frame", attributes)
          .hint("leave ACCESSED and DIRTY out; the formats ending in -linux keep software's own")
          .build();
    }
    long bits = (attributes.has(Access.WRITE) ? 0 : P) | (attributes.has(Access.EXECUTE) ? 0 : IEP);
    return bits | (level == 0 ? pageBits(attributes) : largeBits(attributes));
  }

  private static long pageBits(Attributes attributes) {
    if (attributes.has(Access.GLOBAL) || attributes.protectionKey() != 0) {
      throw refused("an s390 page is common, or has a key, only with its segment", attributes)
          .hint("leave them out; a key belongs to the frame and is set with SSKE")
          .build();
    }
    if (attributes.software() > PAGE_SOFTWARE) {
      throw refused("an s390 page leaves 8 bits to software", attributes).build();
    }
    return attributes.software();
  }

  private static long largeBits(Attributes attributes) {
    int key = attributes.protectionKey();
    int software = attributes.software();
    if (software > (key == 0 ? LARGE_SOFTWARE_MAX : LOW_SOFTWARE)) {
      throw refused("a large s390 leaf leaves 7 bits to software, 2 with a key", attributes)
          .hint("bits 1:0 are those of the entry, bits 6:2 are its ACC and F, unless AV is set")
          .build();
    }
    return (attributes.has(Access.GLOBAL) ? COMMON : 0)
        | (key == 0 ? 0 : AV | (long) key << ACC_SHIFT)
        | (software & LOW_SOFTWARE)
        | (long) (software >>> LOW_SOFTWARE_BITS) << HIGH_SOFTWARE_SHIFT;
  }

  @Override
  public Attributes decode(long item, int level) {
    int access =
        Access.READ.bit()
            | Access.USER.bit()
            | ((item & P) != 0 ? 0 : Access.WRITE.bit())
            | ((item & IEP) != 0 ? 0 : Access.EXECUTE.bit());
    if (level == 0) {
      return new Attributes(access, MemoryType.WRITE_BACK, 0, (int) (item & PAGE_SOFTWARE));
    }
    int global = (item & COMMON) != 0 ? Access.GLOBAL.bit() : 0;
    boolean hasKey = (item & AV) != 0;
    long high = hasKey ? 0 : (item >>> HIGH_SOFTWARE_SHIFT & HIGH_SOFTWARE) << LOW_SOFTWARE_BITS;
    return new Attributes(
        access | global,
        MemoryType.WRITE_BACK,
        hasKey ? (int) (item >>> ACC_SHIFT & ACC_MASK) : 0,
        (int) ((item & LOW_SOFTWARE) | high));
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    return soft(level).encode(entry);
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    return soft(level).decode(item);
  }

  @Override
  public List<BitField> picture(long item, int level) {
    return S390Fields.of(item, level, false);
  }

  /** How SOFT entries of a level look, with and without Linux's bits. */
  static SoftLayout soft(int level) {
    return SOFT.get(level);
  }

  /** Refuses what no s390 entry can say, whatever software keeps beside it. */
  static void requireWhatEveryEntryHas(Attributes attributes) {
    if (!attributes.has(Access.READ)) {
      throw refused("a valid s390 entry can be read", attributes)
          .hint("add READ, or put a SOFT entry of kind PROT_NONE")
          .build();
    }
    if (!attributes.has(Access.USER)) {
      throw refused("an s390 entry does not know who uses it", attributes)
          .hint("add USER; what is the kernel's is in an address space of its own")
          .build();
    }
    if (attributes.memoryType() != MemoryType.WRITE_BACK) {
      throw refused("an s390 entry has no memory type", attributes)
          .hint("all memory is write-back")
          .build();
    }
  }

  /** Begins the error for attributes that a leaf cannot have. */
  static PageTableException.Builder refused(String rule, Attributes attributes) {
    return PageTableException.because(Reason.ATTRIBUTE, rule).with("attributes", attributes);
  }
}
