package dev.memdesc.iommu.intel;

import static dev.memdesc.iommu.intel.SecondStage.A;
import static dev.memdesc.iommu.intel.SecondStage.D;
import static dev.memdesc.iommu.intel.SecondStage.FRAME_LG2;
import static dev.memdesc.iommu.intel.SecondStage.PA_BITS;
import static dev.memdesc.iommu.intel.SecondStage.R;
import static dev.memdesc.iommu.intel.SecondStage.SNP;
import static dev.memdesc.iommu.intel.SecondStage.TM;
import static dev.memdesc.iommu.intel.SecondStage.W;

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
 * Attributes of second-stage leaves: VT-d 3.7.1 "Translation Faults", 3.7.2 "Access Rights", 3.10
 * "Snoop Behavior". Level 0 is the SS-PT, 1 the SS-PD, 2 the SS-PDP.
 *
 * <p>The second stage has no user and no supervisor, so every leaf says USER; its translations
 * belong to a domain, so none is GLOBAL; execution is not told apart, so none says EXECUTE. A leaf
 * may be readable, writable or both. Of the memory types it has WRITE_BACK and, with SNP, SNOOPED.
 * Software has bits 61:52.
 */
final class SecondStageCodec implements EntryCodec {
  /** For units where SNP is reserved. */
  static final SecondStageCodec PLAIN = new SecondStageCodec(false);

  static final SecondStageCodec SNOOPING = new SecondStageCodec(true);

  static final int SOFTWARE_SHIFT = PA_BITS;
  static final int SOFTWARE_BITS = 10;
  static final int SOFT_CODE_SHIFT = 3;

  private static final long SOFTWARE_MASK = (1L << SOFTWARE_BITS) - 1;

  private static final List<SoftLayout> SOFT =
      IntStream.rangeClosed(0, 4)
          .mapToObj(
              level ->
                  new SoftLayout(
                      PA_BITS - 1,
                      FRAME_LG2,
                      SOFT_CODE_SHIFT,
                      TM,
                      SecondStage.shift(level),
                      List.of(
                          SoftEntry.Kind.PROT_NONE,
                          SoftEntry.Kind.SWAP,
                          SoftEntry.Kind.MIGRATION,
                          SoftEntry.Kind.GUARD)))
          .toList();

  private final boolean snoop;

  private SecondStageCodec(boolean snoop) {
    this.snoop = snoop;
  }

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    if (!attributes.has(Access.READ) && !attributes.has(Access.WRITE)) {
      throw refused("a present leaf can be read or written", attributes)
          .hint("add READ or WRITE, or put a SOFT entry of kind PROT_NONE")
          .build();
    }
    if (!attributes.has(Access.USER)
        || attributes.has(Access.GLOBAL)
        || attributes.has(Access.EXECUTE)) {
      throw refused("a second-stage leaf is for all requests of one domain", attributes)
          .hint("add USER, leave GLOBAL and EXECUTE out")
          .build();
    }
    if (attributes.protectionKey() != 0 || attributes.software() > SOFTWARE_MASK) {
      throw refused("VT-d has no protection keys and leaves 10 bits to software", attributes)
          .build();
    }
    return (attributes.has(Access.READ) ? R : 0)
        | (attributes.has(Access.WRITE) ? W : 0)
        | (attributes.has(Access.ACCESSED) ? A : 0)
        | (attributes.has(Access.DIRTY) ? D : 0)
        | snoopBit(attributes)
        | (long) attributes.software() << SOFTWARE_SHIFT;
  }

  private long snoopBit(Attributes attributes) {
    if (attributes.memoryType() == MemoryType.WRITE_BACK) {
      return 0;
    }
    if (attributes.memoryType() == MemoryType.SNOOPED && snoop) {
      return SNP;
    }
    throw refused("the unit has the memory type", attributes)
        .hint(snoop ? "it has write-back and snooped" : "it has write-back: SNP is reserved")
        .build();
  }

  private static PageTableException.Builder refused(String rule, Attributes attributes) {
    return PageTableException.because(Reason.ATTRIBUTE, rule).with("attributes", attributes);
  }

  @Override
  public Attributes decode(long item, int level) {
    int access =
        Access.USER.bit()
            | ((item & R) != 0 ? Access.READ.bit() : 0)
            | ((item & W) != 0 ? Access.WRITE.bit() : 0)
            | ((item & A) != 0 ? Access.ACCESSED.bit() : 0)
            | ((item & D) != 0 ? Access.DIRTY.bit() : 0);
    return new Attributes(
        access,
        (item & SNP) != 0 ? MemoryType.SNOOPED : MemoryType.WRITE_BACK,
        0,
        (int) (item >>> SOFTWARE_SHIFT & SOFTWARE_MASK));
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    return SOFT.get(level).encode(entry);
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    return SOFT.get(level).decode(item);
  }

  @Override
  public List<BitField> picture(long item, int level) {
    return SecondStageFields.of(item, level, SOFT.get(level));
  }
}
