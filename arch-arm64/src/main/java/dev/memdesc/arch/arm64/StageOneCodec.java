package dev.memdesc.arch.arm64;

import static dev.memdesc.arch.arm64.Arm64Format.AF;
import static dev.memdesc.arch.arm64.Arm64Format.AP_EL0;
import static dev.memdesc.arch.arm64.Arm64Format.AP_RO;
import static dev.memdesc.arch.arm64.Arm64Format.ATTR_INDX;
import static dev.memdesc.arch.arm64.Arm64Format.ATTR_SHIFT;
import static dev.memdesc.arch.arm64.Arm64Format.DBM;
import static dev.memdesc.arch.arm64.Arm64Format.NG;
import static dev.memdesc.arch.arm64.Arm64Format.PXN;
import static dev.memdesc.arch.arm64.Arm64Format.SH_INNER;
import static dev.memdesc.arch.arm64.Arm64Format.SOFTWARE_DIRTY;
import static dev.memdesc.arch.arm64.Arm64Format.UXN;

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
 * Attributes of stage 1, a regime with EL1 and EL0: Arm ARM D8.4 "Memory access control", D8.5
 * "Hardware updates", D8.6 "Memory region attributes" with MAIR_EL1 as {@link Arm64Backend} gives
 * it.
 *
 * <p>Fetches belong to one privilege: an executable page of the user is not executable in the
 * kernel (PXN) and the other way round (UXN).
 *
 * <p>Dirty: without hardware's help AP[2] alone says whether stores are allowed, and bit 55 that
 * there was one. With it, DBM says that stores are allowed, AP[2] that there was none yet; a leaf
 * that may not be written any more keeps the state in bit 55, as Linux does.
 *
 * <pre>
 *                    without DBM      with DBM
 *  read only, clean  AP2              AP2
 *  read only, dirty  AP2, bit 55      AP2, bit 55
 *  writable, clean   -                DBM, AP2
 *  writable, dirty   bit 55           DBM, bit 55; hardware clears AP2 and sets nothing
 * </pre>
 */
final class StageOneCodec implements EntryCodec {
  /** The index in MAIR_EL1 of each type; the first of a type is the one that is encoded. */
  private static final List<MemoryType> TYPE_OF_INDEX =
      List.of(
          MemoryType.WRITE_BACK,
          MemoryType.WRITE_BACK, // tagged
          MemoryType.WRITE_COMBINING,
          MemoryType.UNCACHED, // nGnRnE
          MemoryType.UNCACHED, // nGnRE
          MemoryType.WRITE_THROUGH);

  /** What Linux uses for devices: early write acknowledgement. */
  private static final int DEVICE_INDEX = 4;

  private final Variant variant;
  private final CommonBits common;

  StageOneCodec(Variant variant) {
    this.variant = variant;
    this.common = new CommonBits(variant);
  }

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    if (!attributes.has(Access.READ)) {
      throw PageTableException.because(Reason.ATTRIBUTE, "a valid arm64 page can be read")
          .with("attributes", attributes)
          .hint("add READ, or put a SOFT entry of kind PROT_NONE")
          .build();
    }
    boolean user = attributes.has(Access.USER);
    long fetch = attributes.has(Access.EXECUTE) ? (user ? PXN : UXN) : PXN | UXN;
    return index(attributes) << ATTR_SHIFT
        | (user ? AP_EL0 : 0)
        | writeBits(attributes)
        | (variant.ds() ? 0 : SH_INNER)
        | (attributes.has(Access.ACCESSED) ? AF : 0)
        | (attributes.has(Access.GLOBAL) ? 0 : NG)
        | fetch
        | common.softwareBits(attributes);
  }

  private long writeBits(Attributes attributes) {
    if (!attributes.has(Access.WRITE)) {
      return AP_RO;
    }
    if (!variant.hardwareStates()) {
      return 0;
    }
    return attributes.has(Access.DIRTY) ? DBM : DBM | AP_RO;
  }

  private static long index(Attributes attributes) {
    if (attributes.memoryType() == MemoryType.UNCACHED) {
      return DEVICE_INDEX;
    }
    int index = TYPE_OF_INDEX.indexOf(attributes.memoryType());
    if (index < 0) {
      throw CommonBits.noSuchType(attributes);
    }
    return index;
  }

  @Override
  public Attributes decode(long item, int level) {
    boolean user = (item & AP_EL0) != 0;
    boolean writable = (item & AP_RO) == 0 || (variant.hardwareStates() && (item & DBM) != 0);
    boolean written = variant.hardwareStates() && (item & (DBM | AP_RO)) == DBM;
    int access =
        Access.READ.bit()
            | (writable ? Access.WRITE.bit() : 0)
            | ((item & (user ? UXN : PXN)) == 0 ? Access.EXECUTE.bit() : 0)
            | (user ? Access.USER.bit() : 0)
            | ((item & NG) == 0 ? Access.GLOBAL.bit() : 0)
            | ((item & AF) != 0 ? Access.ACCESSED.bit() : 0)
            | (written || (item & SOFTWARE_DIRTY) != 0 ? Access.DIRTY.bit() : 0);
    return new Attributes(access, type(item), 0, CommonBits.software(item));
  }

  /** The type that MAIR_EL1 has at an item's index; an index that is not programmed is a device. */
  static MemoryType type(long item) {
    int index = (int) ((item & ATTR_INDX) >>> ATTR_SHIFT);
    return index < TYPE_OF_INDEX.size() ? TYPE_OF_INDEX.get(index) : MemoryType.UNCACHED;
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
