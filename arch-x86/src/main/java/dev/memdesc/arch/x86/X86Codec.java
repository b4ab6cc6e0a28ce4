package dev.memdesc.arch.x86;

import static dev.memdesc.arch.x86.X86Format.A;
import static dev.memdesc.arch.x86.X86Format.D;
import static dev.memdesc.arch.x86.X86Format.FRAME_LG2;
import static dev.memdesc.arch.x86.X86Format.G;
import static dev.memdesc.arch.x86.X86Format.PAT_4K;
import static dev.memdesc.arch.x86.X86Format.PAT_LARGE;
import static dev.memdesc.arch.x86.X86Format.PA_BITS;
import static dev.memdesc.arch.x86.X86Format.PCD;
import static dev.memdesc.arch.x86.X86Format.PWT;
import static dev.memdesc.arch.x86.X86Format.RW;
import static dev.memdesc.arch.x86.X86Format.US;
import static dev.memdesc.arch.x86.X86Format.XD;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Attributes of x86-64 entries: Intel SDM volume 3, 4.6 "Access rights", 4.8 "Accessed and dirty
 * flags", 4.9.2 "Paging and memory typing" with IA32_PAT programmed as Linux does. Level 0 is the
 * PT, 1 the PD, 2 the PDPT.
 *
 * <p>The memory type is an index into IA32_PAT, from three bits of a leaf; PAT is bit 7 at level 0
 * and bit 12 above.
 *
 * <pre>
 *   index = PAT PCD PWT    0   1   2    3   4   5   6    7
 *   type                   WB  WC  UC-  UC  WB  WP  UC-  WT
 * </pre>
 *
 * <p>SOFT entries: hardware ignores all of an item but P = 0. What the other bits say is a choice
 * of memdesc, not of Intel:
 *
 * <pre>
 *             63       52 51                     12 11    9   8   7    1   0
 *            +-----------+-------------------------+-------+-----+------+-----+
 *  PROT_NONE |     0     |           pa            |   0   |  1  |  0   | P=0 |
 *  others    |     0     |         payload         | code  |  0  |  0   | P=0 |
 *            +-----------+-------------------------+-------+-----+------+-----+
 *   code: 1 SWAP, 2 MIGRATION, 3 GUARD
 * </pre>
 *
 * <p>Linux stores the address of such entries inverted, so that a processor with the L1TF flaw,
 * which speculates through a not-present entry, finds no cacheable memory there. No processor
 * speculates through memdesc's tables, so they keep the address as people read it.
 */
final class X86Codec implements EntryCodec {
  static final X86Codec CODEC = new X86Codec();

  static final int SOFTWARE_LOW_SHIFT = 9;
  static final int SOFTWARE_LOW_BITS = 3;
  static final int SOFTWARE_HIGH_SHIFT = 52;
  static final int SOFTWARE_HIGH_BITS = 7;
  static final int KEY_SHIFT = 59;

  private static final long SOFTWARE_LOW_MASK = (1 << SOFTWARE_LOW_BITS) - 1;
  private static final long SOFTWARE_HIGH_MASK = (1 << SOFTWARE_HIGH_BITS) - 1;
  private static final long KEY_MASK = 0xF;
  private static final int SOFTWARE_MAX = (1 << (SOFTWARE_LOW_BITS + SOFTWARE_HIGH_BITS)) - 1;

  /** IA32_PAT as Linux programs it; the same type is first at the index that is encoded. */
  private static final List<MemoryType> TYPE_OF_INDEX =
      List.of(
          MemoryType.WRITE_BACK,
          MemoryType.WRITE_COMBINING,
          MemoryType.UNCACHED_MINUS,
          MemoryType.UNCACHED,
          MemoryType.WRITE_BACK,
          MemoryType.WRITE_PROTECTED,
          MemoryType.UNCACHED_MINUS,
          MemoryType.WRITE_THROUGH);

  /** What IA32_PAT has for each type: Intel SDM volume 3, table 11-10. */
  private static final Map<MemoryType, Long> PAT_ENCODING =
      Map.of(
          MemoryType.UNCACHED, 0L,
          MemoryType.WRITE_COMBINING, 1L,
          MemoryType.WRITE_THROUGH, 4L,
          MemoryType.WRITE_PROTECTED, 5L,
          MemoryType.WRITE_BACK, 6L,
          MemoryType.UNCACHED_MINUS, 7L);

  private static final int SOFT_CODE_SHIFT = SOFTWARE_LOW_SHIFT;
  private static final int PAYLOAD_BITS = PA_BITS - FRAME_LG2;

  /** The index is the code in bits 11:9. */
  private static final List<SoftEntry.Kind> KIND_OF_CODE =
      List.of(
          SoftEntry.Kind.PROT_NONE,
          SoftEntry.Kind.SWAP,
          SoftEntry.Kind.MIGRATION,
          SoftEntry.Kind.GUARD);

  private X86Codec() {}

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    if (!attributes.has(Access.READ)) {
      throw PageTableException.because(Reason.ATTRIBUTE, "a present x86 page can be read")
          .with("attributes", attributes)
          .hint("add READ, or put a SOFT entry of kind PROT_NONE")
          .build();
    }
    int software = attributes.software();
    if (software > SOFTWARE_MAX) {
      throw PageTableException.because(Reason.ATTRIBUTE, "x86 leaves 10 bits to software")
          .with("software", "0x" + Integer.toHexString(software))
          .hint("bits 2:0 are bits 11:9 of the entry, bits 9:3 are 58:52")
          .build();
    }
    return (attributes.has(Access.WRITE) ? RW : 0)
        | (attributes.has(Access.EXECUTE) ? 0 : XD)
        | (attributes.has(Access.USER) ? US : 0)
        | (attributes.has(Access.GLOBAL) ? G : 0)
        | (attributes.has(Access.ACCESSED) ? A : 0)
        | (attributes.has(Access.DIRTY) ? D : 0)
        | memoryTypeBits(attributes.memoryType(), level)
        | (long) attributes.protectionKey() << KEY_SHIFT
        | (software & SOFTWARE_LOW_MASK) << SOFTWARE_LOW_SHIFT
        | (long) (software >>> SOFTWARE_LOW_BITS) << SOFTWARE_HIGH_SHIFT;
  }

  @Override
  public Attributes decode(long item, int level) {
    int access =
        Access.READ.bit()
            | ((item & RW) != 0 ? Access.WRITE.bit() : 0)
            | ((item & XD) != 0 ? 0 : Access.EXECUTE.bit())
            | ((item & US) != 0 ? Access.USER.bit() : 0)
            | ((item & G) != 0 ? Access.GLOBAL.bit() : 0)
            | ((item & A) != 0 ? Access.ACCESSED.bit() : 0)
            | ((item & D) != 0 ? Access.DIRTY.bit() : 0);
    long software =
        (item >>> SOFTWARE_LOW_SHIFT & SOFTWARE_LOW_MASK)
            | (item >>> SOFTWARE_HIGH_SHIFT & SOFTWARE_HIGH_MASK) << SOFTWARE_LOW_BITS;
    return new Attributes(
        access, memoryType(item, level), (int) (item >>> KEY_SHIFT & KEY_MASK), (int) software);
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    long payload = entry.payload();
    if (entry.kind() == SoftEntry.Kind.PROT_NONE) {
      long offsetMask = (1L << X86Format.shift(level)) - 1;
      if ((payload & offsetMask) != 0 || payload >>> PA_BITS != 0) {
        throw PageTableException.because(
                Reason.ATTRIBUTE, "a PROT_NONE entry holds the pa of a whole page below 2^52")
            .hex("pa", payload)
            .with("level", level)
            .hint("the pa is a multiple of " + Hex.of(offsetMask + 1))
            .build();
      }
      return payload | G;
    }
    if (payload >>> PAYLOAD_BITS != 0) {
      throw PageTableException.because(
              Reason.ATTRIBUTE, "the payload of a SOFT entry has at most 40 bits")
          .with("kind", entry.kind())
          .hex("payload", payload)
          .build();
    }
    return payload << FRAME_LG2 | (long) KIND_OF_CODE.indexOf(entry.kind()) << SOFT_CODE_SHIFT;
  }

  /**
   * What a SOFT item stands for.
   *
   * @throws PageTableException with {@link Reason#INVALID_ENTRY} for an item that {@link #soft}
   *     does not make: another kernel's, which only that kernel can read
   */
  @Override
  public SoftEntry decodeSoft(long item, int level) {
    int code = (int) (item >>> SOFT_CODE_SHIFT & SOFTWARE_LOW_MASK);
    boolean protNone = (item & G) != 0;
    if (item >>> PA_BITS == 0 && isOwnKind(protNone, code)) {
      long field = item & -1L << FRAME_LG2;
      SoftEntry entry =
          new SoftEntry(KIND_OF_CODE.get(code), protNone ? field : field >>> FRAME_LG2);
      if ((item & (G - 1)) == 0 && !isCut(entry, level)) {
        return entry;
      }
    }
    throw PageTableException.because(Reason.INVALID_ENTRY, "a SOFT item is one of memdesc's own")
        .hex("item", item)
        .with("level", level)
        .hint("bits 11:9 hold 1 swap, 2 migration, 3 guard; or bit 8 says PROT_NONE")
        .build();
  }

  @Override
  public List<BitField> picture(long item, int level) {
    return X86Fields.of(item, level);
  }

  /** The index into IA32_PAT that a leaf selects, 0..7. */
  static int patIndex(long item, int level) {
    return ((item & patBit(level)) != 0 ? 4 : 0)
        | ((item & PCD) != 0 ? 2 : 0)
        | ((item & PWT) != 0 ? 1 : 0);
  }

  /**
   * The value of IA32_PAT with which leaves have the memory types that {@link #bits} gives them.
   */
  static long patRegister() {
    long value = 0;
    for (int index = 0; index < TYPE_OF_INDEX.size(); index++) {
      value |= PAT_ENCODING.getOrDefault(TYPE_OF_INDEX.get(index), 0L) << (8 * index);
    }
    return value;
  }

  /** The memory type that a leaf selects. */
  static MemoryType memoryType(long item, int level) {
    return TYPE_OF_INDEX.get(patIndex(item, level));
  }

  /** What bit 8 and the code in bits 11:9 of a SOFT item mean, in words. */
  static String softKind(boolean protNone, long code) {
    return isOwnKind(protNone, code)
        ? KIND_OF_CODE.get((int) code).name().replace('_', ' ').toLowerCase(Locale.ROOT)
        : "not one of memdesc's own entries";
  }

  private static boolean isOwnKind(boolean protNone, long code) {
    return code < KIND_OF_CODE.size() && protNone == (code == 0);
  }

  private static long memoryTypeBits(MemoryType type, int level) {
    int index = TYPE_OF_INDEX.indexOf(type);
    if (index < 0) {
      throw PageTableException.because(Reason.ATTRIBUTE, "x86 has the memory types of IA32_PAT")
          .with("memoryType", type)
          .with("exist", PAT_ENCODING.keySet().stream().sorted().toList())
          .build();
    }
    return ((index & 4) != 0 ? patBit(level) : 0)
        | ((index & 2) != 0 ? PCD : 0)
        | ((index & 1) != 0 ? PWT : 0);
  }

  private static long patBit(int level) {
    return level == 0 ? PAT_4K : PAT_LARGE;
  }

  private static boolean isCut(SoftEntry entry, int level) {
    return entry.kind() == SoftEntry.Kind.PROT_NONE
        && (entry.payload() & (1L << X86Format.shift(level)) - 1) != 0;
  }
}
