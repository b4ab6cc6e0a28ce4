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
import java.util.ArrayList;
import java.util.List;

/**
 * Attributes of stage 1 as a device sees them, as Linux's io-pgtable writes them: IHI 0070 section
 * 5.4 "Context Descriptor", with MAIR as {@link ContextDescriptor} has it.
 *
 * <p>What differs from a processor's stage 1: a leaf is always of one ASID, so that forgetting an
 * ASID forgets all of a domain; memory that is not cached is outer shareable; and nobody fetches,
 * so XN is both of UXN and PXN. AF is ACCESSED: a unit that does not set it by itself faults where
 * it is clear.
 *
 * <pre>
 *            63 59 58 56 55 54 53 52  47          12 11 10 9  8 7   6  5  4   2  1  0
 *           +-----+-----+--+-----+--+---+-----------+--+--+----+-----+--+------+---+--+
 *  stage 1  |  -  | SW  |D | XN  | -  - | pa        | 1|AF| SH |AP2:1|NS| Attr | P | 1|
 *           +-----+-----+--+-----+--+---+-----------+--+--+----+-----+--+------+---+--+
 * </pre>
 */
final class StageOneCodec implements EntryCodec {
  /** UXN and PXN. */
  static final long XN = 3L << 53;

  static final int ATTR_SHIFT = 2;
  static final long ATTR_INDX = 7 << ATTR_SHIFT;
  static final long SH = 3 << 8;
  static final long SH_OUTER = 2 << 8;
  static final long SH_INNER = 3 << 8;

  /** The index in MAIR of each type. */
  private static final List<MemoryType> TYPE_OF_INDEX =
      List.of(
          MemoryType.WRITE_COMBINING,
          MemoryType.WRITE_BACK,
          MemoryType.UNCACHED, // nGnRE
          MemoryType.WRITE_BACK); // cached outside only, for walks that do not snoop

  private final EntryCodec processor;

  /**
   * Made from a processor's stage 1.
   *
   * @param processor says what is the same in both
   */
  StageOneCodec(EntryCodec processor) {
    this.processor = processor;
  }

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    if (attributes.has(Access.GLOBAL)) {
      throw PageTableException.because(
              Reason.ATTRIBUTE, "a device's translation belongs to one domain")
          .with("attributes", attributes)
          .hint("leave GLOBAL out")
          .build();
    }
    int index = TYPE_OF_INDEX.indexOf(attributes.memoryType());
    if (index < 0) {
      throw PageTableException.because(
              Reason.ATTRIBUTE, "a device's memory is write-back, write-combining or uncached")
          .with("memoryType", attributes.memoryType())
          .build();
    }
    long same =
        processor.bits(attributes.with(MemoryType.WRITE_BACK), level, leaf)
            & ~(ATTR_INDX | SH | XN);
    return same
        | (long) index << ATTR_SHIFT
        | (attributes.memoryType() == MemoryType.WRITE_BACK ? SH_INNER : SH_OUTER)
        | (attributes.has(Access.EXECUTE) ? 0 : XN);
  }

  @Override
  public Attributes decode(long item, int level) {
    Attributes same = processor.decode(item, level).with(type(item));
    return (item & XN) == 0 ? same.with(Access.EXECUTE) : same.without(Access.EXECUTE);
  }

  /** The type that MAIR has at an item's index; an index that is not programmed is a device. */
  private static MemoryType type(long item) {
    int index = (int) ((item & ATTR_INDX) >>> ATTR_SHIFT);
    return index < TYPE_OF_INDEX.size() ? TYPE_OF_INDEX.get(index) : MemoryType.UNCACHED;
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    return processor.soft(entry, level);
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    return processor.decodeSoft(item, level);
  }

  @Override
  public List<BitField> picture(long item, int level) {
    List<BitField> fields = new ArrayList<>(processor.picture(item, level));
    fields.replaceAll(
        field ->
            field.mask() == ATTR_INDX
                ? new BitField(
                    field.name(),
                    field.high(),
                    field.low(),
                    value ->
                        switch ((int) value) {
                          case 0 -> "not cached";
                          case 1 -> "write-back";
                          case 2 -> "a device's registers, nGnRE";
                          case 3 -> "write-back, outer caches only";
                          default -> "not programmed";
                        })
                : field);
    return fields;
  }
}
