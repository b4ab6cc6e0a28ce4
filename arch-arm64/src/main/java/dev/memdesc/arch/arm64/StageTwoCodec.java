package dev.memdesc.arch.arm64;

import static dev.memdesc.arch.arm64.Arm64Format.AF;
import static dev.memdesc.arch.arm64.Arm64Format.ATTR_SHIFT;
import static dev.memdesc.arch.arm64.Arm64Format.DBM;
import static dev.memdesc.arch.arm64.Arm64Format.MEM_ATTR;
import static dev.memdesc.arch.arm64.Arm64Format.S2AP_READ;
import static dev.memdesc.arch.arm64.Arm64Format.S2AP_WRITE;
import static dev.memdesc.arch.arm64.Arm64Format.SH_INNER;
import static dev.memdesc.arch.arm64.Arm64Format.SOFTWARE_DIRTY;
import static dev.memdesc.arch.arm64.Arm64Format.XN;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import java.util.List;

/**
 * Attributes of stage 2: Arm ARM D8.4.2 "Stage 2 data accesses", D8.6.5 "Stage 2 memory type and
 * Cacheability attributes" without FEAT_S2FWB and FEAT_XNX.
 *
 * <p>It has no user and no kernel: what it allows it allows to both, so every leaf says USER; and
 * its translations belong to a VMID, so none is GLOBAL. DBM works as in stage 1, with S2AP[1] for
 * the state.
 */
final class StageTwoCodec implements EntryCodec {
  private static final long DEVICE_NGNRE = 1;
  private static final long NORMAL_NC = 5;
  private static final long NORMAL_WT = 0xA;
  private static final long NORMAL_WB = 0xF;

  private final Variant variant;
  private final CommonBits common;

  StageTwoCodec(Variant variant) {
    this.variant = variant;
    this.common = new CommonBits(variant);
  }

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    if (!attributes.has(Access.USER) || attributes.has(Access.GLOBAL)) {
      throw PageTableException.because(
              Reason.ATTRIBUTE, "a leaf of stage 2 is for user and kernel, and of one VMID")
          .with("attributes", attributes)
          .hint("add USER, leave GLOBAL out")
          .build();
    }
    return memAttr(attributes) << ATTR_SHIFT
        | (attributes.has(Access.READ) ? S2AP_READ : 0)
        | writeBits(attributes)
        | (variant.ds() ? 0 : SH_INNER)
        | (attributes.has(Access.ACCESSED) ? AF : 0)
        | (attributes.has(Access.EXECUTE) ? 0 : XN)
        | common.softwareBits(attributes);
  }

  private long writeBits(Attributes attributes) {
    if (!attributes.has(Access.WRITE)) {
      return 0;
    }
    if (!variant.hardwareStates()) {
      return S2AP_WRITE;
    }
    return attributes.has(Access.DIRTY) ? DBM | S2AP_WRITE : DBM;
  }

  private static long memAttr(Attributes attributes) {
    return switch (attributes.memoryType()) {
      case WRITE_BACK -> NORMAL_WB;
      case WRITE_THROUGH -> NORMAL_WT;
      case WRITE_COMBINING -> NORMAL_NC;
      case UNCACHED -> DEVICE_NGNRE;
      case WRITE_PROTECTED, UNCACHED_MINUS, SNOOPED -> throw CommonBits.noSuchType(attributes);
    };
  }

  @Override
  public Attributes decode(long item, int level) {
    boolean hardware = variant.hardwareStates();
    boolean writable = (item & S2AP_WRITE) != 0 || (hardware && (item & DBM) != 0);
    boolean written = hardware && (item & (DBM | S2AP_WRITE)) == (DBM | S2AP_WRITE);
    int access =
        Access.USER.bit()
            | ((item & S2AP_READ) != 0 ? Access.READ.bit() : 0)
            | (writable ? Access.WRITE.bit() : 0)
            | ((item & XN) == 0 ? Access.EXECUTE.bit() : 0)
            | ((item & AF) != 0 ? Access.ACCESSED.bit() : 0)
            | (written || (item & SOFTWARE_DIRTY) != 0 ? Access.DIRTY.bit() : 0);
    return new Attributes(access, type(item), 0, CommonBits.software(item));
  }

  /** MemAttr[3:2] is the outer, [1:0] the inner part: 00 in the outer is a device. */
  static MemoryType type(long item) {
    long memAttr = (item & MEM_ATTR) >>> ATTR_SHIFT;
    if (memAttr >>> 2 == 0) {
      return MemoryType.UNCACHED;
    }
    return switch ((int) memAttr & 3) {
      case 3 -> MemoryType.WRITE_BACK;
      case 2 -> MemoryType.WRITE_THROUGH;
      default -> MemoryType.WRITE_COMBINING;
    };
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    return common.soft(level).encode(entry);
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    return common.soft(level).decode(item);
  }

  @Override
  public List<BitField> picture(long item, int level) {
    return Arm64Fields.of(variant, item, level);
  }
}
