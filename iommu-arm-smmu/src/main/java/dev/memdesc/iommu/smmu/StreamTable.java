package dev.memdesc.iommu.smmu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.spi.UnitParts;
import java.util.HashMap;
import java.util.Map;

/**
 * The stream table entry of every device: IHI 0070 section 3.3.1 "Stream table lookup". Linear, or
 * with a first level whose items lead to tables of 256 entries that are made when a device in them
 * is attached. An entry that nobody wrote is not valid: requests are refused, and recorded as such.
 *
 * <pre>
 *           63  52 51                      6 5   4    0
 *          +------+-------------------------+---+------+
 *  L1STD   |  0   |  L2Ptr                  | 0 | Span |    2^(Span - 1) entries; 0 none
 *          +------+-------------------------+---+------+
 * </pre>
 *
 * <p>Callers take turns.
 */
final class StreamTable {
  private static final int SPLIT = 8;
  private static final int ENTRY_LG2 = 6;
  private static final int L1_ITEM_LG2 = 3;

  /** Of the first level: 1 MiB, as Linux has it. */
  private static final int L1_MAX_LG2 = 17;

  /** Of a linear table: 4 MiB. */
  private static final int LINEAR_MAX_LG2 = 16;

  private static final int CFG_SPLIT_SHIFT = 6;
  private static final long CFG_FMT_TWO_LEVEL = 1 << 16;

  private final UnitParts parts;
  private final Words words;
  private final int bits;
  private final boolean twoLevel;
  private final StructureDescriptor first;
  // Tables of the second level by the index of the item that leads there.
  private final Map<Integer, StructureDescriptor> second = new HashMap<>();

  /**
   * Allocates what the unit needs before any device is attached.
   *
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY}
   */
  StreamTable(UnitParts parts, Features features) {
    this.parts = parts;
    this.words = new Words(parts.memory());
    this.twoLevel = features.twoLevelStreams() && features.sidBits() > SPLIT;
    this.bits = Math.min(features.sidBits(), twoLevel ? L1_MAX_LG2 + SPLIT : LINEAR_MAX_LG2);
    if (twoLevel) {
      int lg2 = Math.max(bits - SPLIT + L1_ITEM_LG2, ENTRY_LG2);
      this.first = structure("stream table, first level", lg2);
    } else {
      this.first = structure("stream table", bits + ENTRY_LG2);
    }
  }

  private StructureDescriptor structure(String name, int bytesLg2) {
    return parts
        .structures()
        .allocate(name, 1 << bytesLg2, bytesLg2, parts.node(), StructureDescriptor::new);
  }

  /** SMMU_STRTAB_BASE. */
  long base() {
    return Registers.ALLOCATE | first.pa();
  }

  /** SMMU_STRTAB_BASE_CFG. */
  long config() {
    return twoLevel ? CFG_FMT_TWO_LEVEL | SPLIT << CFG_SPLIT_SHIFT | bits : bits;
  }

  /**
   * Refuses what is no StreamID of the unit.
   *
   * @throws PageTableException with {@link Reason#VA_OUTSIDE_FORMAT}
   */
  void check(int sid) {
    if (sid >>> bits != 0) {
      throw PageTableException.because(Reason.VA_OUTSIDE_FORMAT, "a StreamID has " + bits + " bits")
          .with("device", "0x" + Integer.toHexString(sid))
          .build();
    }
  }

  /**
   * The pa of a device's entry, for which there is memory after this.
   *
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY}; nothing changed
   */
  long entry(int sid) {
    if (!twoLevel) {
      return first.pa() + ((long) sid << ENTRY_LG2);
    }
    int index = sid >>> SPLIT;
    StructureDescriptor table = second.get(index);
    if (table == null) {
      table = structure("stream table", SPLIT + ENTRY_LG2);
      second.put(index, table);
      words.store(first.pa() + ((long) index << L1_ITEM_LG2), l1Std(table.pa(), SPLIT));
    }
    return table.pa() + ((sid & (1L << SPLIT) - 1) << ENTRY_LG2);
  }

  /** The item of the first level for a table of 2^entriesLg2 entries. */
  static long l1Std(long pa, int entriesLg2) {
    return pa | (entriesLg2 + 1);
  }

  /** Gives the memory back; the unit does not use it any more. */
  void free() {
    second.values().forEach(parts.structures()::free);
    second.clear();
    parts.structures().free(first);
  }
}
