package dev.memdesc.arch.arm64;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.SoftLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * What both stages keep alike: bits 58:55, which are left to software, and invalid items, of which
 * hardware ignores all but bit 0.
 *
 * <pre>
 *        63   52 51                    granule        4 3  2 1 0
 *       +-------+------------------------------+-------+----+-+-+
 *  SOFT |   0   | pa or payload                |   0   |kind|1|0|
 *       +-------+------------------------------+-------+----+-+-+
 * </pre>
 */
final class CommonBits {
  static final int SOFTWARE_SHIFT = 56;
  static final int SOFTWARE_BITS = 3;
  static final int SOFT_CODE_SHIFT = 2;

  /** An item without VALID that is not EMPTY. */
  static final long SOFT = 1 << 1;

  private static final int SOFTWARE_MAX = (1 << SOFTWARE_BITS) - 1;
  private static final List<SoftEntry.Kind> KINDS =
      List.of(
          SoftEntry.Kind.PROT_NONE,
          SoftEntry.Kind.SWAP,
          SoftEntry.Kind.MIGRATION,
          SoftEntry.Kind.GUARD);

  // Index is the level.
  private final List<SoftLayout> soft = new ArrayList<>();

  CommonBits(Variant variant) {
    for (int level = 0; level < variant.levels(); level++) {
      soft.add(
          new SoftLayout(
              variant.paBits() - 1,
              variant.granule().lg2(),
              SOFT_CODE_SHIFT,
              SOFT,
              variant.granule().shift(level),
              KINDS));
    }
  }

  SoftLayout soft(int level) {
    return soft.get(level);
  }

  /** Bits 58:55; refuses what no stage of arm64 has. */
  long softwareBits(Attributes attributes) {
    if (attributes.protectionKey() != 0) {
      throw PageTableException.because(
              Reason.ATTRIBUTE, "these arm64 formats have no protection keys")
          .with("protectionKey", attributes.protectionKey())
          .build();
    }
    if (attributes.software() > SOFTWARE_MAX) {
      throw PageTableException.because(Reason.ATTRIBUTE, "arm64 leaves 3 bits to software")
          .with("software", "0x" + Integer.toHexString(attributes.software()))
          .hint("they are bits 58:56 of the entry; bit 55 is dirty")
          .build();
    }
    return (long) attributes.software() << SOFTWARE_SHIFT
        | (attributes.has(Access.DIRTY) ? Arm64Format.SOFTWARE_DIRTY : 0);
  }

  static int software(long item) {
    return (int) (item >>> SOFTWARE_SHIFT) & SOFTWARE_MAX;
  }

  static PageTableException noSuchType(Attributes attributes) {
    return PageTableException.because(
            Reason.ATTRIBUTE,
            "arm64 memory is write-back, write-through, write-combining or uncached")
        .with("memoryType", attributes.memoryType())
        .build();
  }
}
