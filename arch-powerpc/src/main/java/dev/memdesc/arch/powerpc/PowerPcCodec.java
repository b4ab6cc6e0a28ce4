package dev.memdesc.arch.powerpc;

import static dev.memdesc.arch.powerpc.PowerPcFormat.ATT;
import static dev.memdesc.arch.powerpc.PowerPcFormat.ATT_SHIFT;
import static dev.memdesc.arch.powerpc.PowerPcFormat.C;
import static dev.memdesc.arch.powerpc.PowerPcFormat.EAA_EXECUTE;
import static dev.memdesc.arch.powerpc.PowerPcFormat.EAA_PRIVILEGED;
import static dev.memdesc.arch.powerpc.PowerPcFormat.EAA_READ;
import static dev.memdesc.arch.powerpc.PowerPcFormat.EAA_WRITE;
import static dev.memdesc.arch.powerpc.PowerPcFormat.R;
import static dev.memdesc.arch.powerpc.PowerPcFormat.SW0;

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
import java.util.Arrays;
import java.util.List;

/**
 * Attributes of POWER's radix entries: Power ISA 3.0B, book III, 5.7.10.2 "Radix tree page table
 * entry" and book II, 1.6 "Storage control attributes". Levels are those of {@link PowerPcFormat}.
 *
 * <pre>
 *   ATT   00 normal     01 SAO          10 non-idempotent I/O   11 tolerant I/O
 *         WRITE_BACK    WRITE_BACK      UNCACHED                WRITE_COMBINING
 *
 *   software bits   3    2 1 0
 *   of an entry    61   11 10 9
 * </pre>
 *
 * <p>SAO, strong access ordering, is cached memory with more order than {@code Attributes} can say;
 * memdesc reads it and does not write it. From non-idempotent memory nothing is fetched. The right
 * to store implies the right to load. There is no global bit: translations are tagged with PID and
 * LPID.
 *
 * <p>SOFT entries: hardware ignores all of an item but V = 0. L is set, as Linux does in its swap
 * entries, and tells a SOFT entry from EMPTY; the rest is a choice of memdesc.
 *
 * <pre>
 *     63  62 61 57 56                      12 11   10   9 8        0
 *    +---+---+----+--------------------------+----+------+----------+
 *    |V=0|L=1| 0  |  pa, or payload          | 0  | code |     0    |
 *    +---+---+----+--------------------------+----+------+----------+
 *   code: 0 PROT_NONE, 1 SWAP, 2 MIGRATION, 3 GUARD
 * </pre>
 */
final class PowerPcCodec implements EntryCodec {
  static final int SOFTWARE_SHIFT = 9;
  static final int SOFTWARE_BITS = 3;

  private static final long SOFTWARE_LOW = (1 << SOFTWARE_BITS) - 1;
  private static final int SOFTWARE_MAX = 0xF;

  private static final int NORMAL = 0;
  private static final int NON_IDEMPOTENT = 2;
  private static final int TOLERANT = 3;

  // Index is the level; both describe a codec, so that two of one format are equal.
  private final List<SoftLayout> soft;
  private final int highestLeafLevel;

  /**
   * A codec for one geometry.
   *
   * @param shifts log2 of the bytes that an item spans, level 0 first
   */
  PowerPcCodec(int[] shifts, int highestLeafLevel) {
    this.highestLeafLevel = highestLeafLevel;
    this.soft = Arrays.stream(shifts).mapToObj(PowerPcCodec::softLayout).toList();
  }

  private static SoftLayout softLayout(int shift) {
    return new SoftLayout(
        PowerPcFormat.PA_BITS - 1,
        PowerPcFormat.LEAF_PA_LOW,
        SOFTWARE_SHIFT,
        PowerPcFormat.L,
        shift,
        List.of(
            SoftEntry.Kind.PROT_NONE,
            SoftEntry.Kind.SWAP,
            SoftEntry.Kind.MIGRATION,
            SoftEntry.Kind.GUARD));
  }

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    if (attributes.has(Access.WRITE) && !attributes.has(Access.READ)) {
      throw refused("who may store on POWER may load", attributes).hint("add READ").build();
    }
    if (attributes.has(Access.GLOBAL) || attributes.protectionKey() != 0) {
      throw refused("a radix entry has no global bit and no key", attributes)
          .hint("leave GLOBAL and the key out; translations are tagged with PID and LPID")
          .build();
    }
    int software = attributes.software();
    if (software > SOFTWARE_MAX) {
      throw refused("POWER leaves 4 bits to software", attributes)
          .hint("bits 2:0 are bits 11:9 of the entry, bit 3 is bit 61")
          .build();
    }
    return (attributes.has(Access.READ) ? EAA_READ : 0)
        | (attributes.has(Access.WRITE) ? EAA_WRITE : 0)
        | (attributes.has(Access.EXECUTE) ? EAA_EXECUTE : 0)
        | (attributes.has(Access.USER) ? 0 : EAA_PRIVILEGED)
        | (attributes.has(Access.ACCESSED) ? R : 0)
        | (attributes.has(Access.DIRTY) ? C : 0)
        | (long) storageAttribute(attributes) << ATT_SHIFT
        | (software & SOFTWARE_LOW) << SOFTWARE_SHIFT
        | (software > SOFTWARE_LOW ? SW0 : 0);
  }

  private static int storageAttribute(Attributes attributes) {
    return switch (attributes.memoryType()) {
      case WRITE_BACK -> NORMAL;
      case WRITE_COMBINING -> TOLERANT;
      case UNCACHED -> {
        if (attributes.has(Access.EXECUTE)) {
          throw refused("nothing is fetched from non-idempotent memory", attributes)
              .hint("leave EXECUTE out")
              .build();
        }
        yield NON_IDEMPOTENT;
      }
      default ->
          throw refused("POWER has normal, non-idempotent and tolerant memory", attributes)
              .hint("they are write-back, uncached and write-combining")
              .build();
    };
  }

  @Override
  public Attributes decode(long item, int level) {
    boolean write = (item & EAA_WRITE) != 0;
    int access =
        (write || (item & EAA_READ) != 0 ? Access.READ.bit() : 0)
            | (write ? Access.WRITE.bit() : 0)
            | ((item & EAA_EXECUTE) != 0 ? Access.EXECUTE.bit() : 0)
            | ((item & EAA_PRIVILEGED) != 0 ? 0 : Access.USER.bit())
            | ((item & R) != 0 ? Access.ACCESSED.bit() : 0)
            | ((item & C) != 0 ? Access.DIRTY.bit() : 0);
    long software =
        (item >>> SOFTWARE_SHIFT & SOFTWARE_LOW) | ((item & SW0) != 0 ? SOFTWARE_LOW + 1 : 0);
    return new Attributes(access, memoryType(item), 0, (int) software);
  }

  private static MemoryType memoryType(long item) {
    return switch ((int) ((item & ATT) >>> ATT_SHIFT)) {
      case NON_IDEMPOTENT -> MemoryType.UNCACHED;
      case TOLERANT -> MemoryType.WRITE_COMBINING;
      default -> MemoryType.WRITE_BACK;
    };
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    return soft.get(level).encode(entry);
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    return soft.get(level).decode(item);
  }

  @Override
  public List<BitField> picture(long item, int level) {
    return PowerPcFields.of(item, level, soft.get(level), level <= highestLeafLevel);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PowerPcCodec codec
        && soft.equals(codec.soft)
        && highestLeafLevel == codec.highestLeafLevel;
  }

  @Override
  public int hashCode() {
    return soft.hashCode();
  }

  private static PageTableException.Builder refused(String rule, Attributes attributes) {
    return PageTableException.because(Reason.ATTRIBUTE, rule).with("attributes", attributes);
  }
}
