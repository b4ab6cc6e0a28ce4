package dev.memdesc.iommu.smmu;

import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.spi.UnitParts;
import java.util.HashMap;
import java.util.Map;

/**
 * The context descriptors of one device, by SubstreamID: IHI 0070 section 3.3.2 "StreamIDs to
 * Context Descriptors". One alone, a linear table, or a first level whose items lead to tables of 4
 * KiB or 64 KiB that are made when they are needed.
 *
 * <pre>
 *           63  52 51                      12 11    1  0
 *          +------+--------------------------+-------+--+
 *  L1CD    |  0   |  L2Ptr                   |   0   |V |
 *          +------+--------------------------+-------+--+
 * </pre>
 *
 * <p>Callers take turns.
 */
final class ContextTable {
  private static final int ENTRY_LG2 = 6;
  private static final int L1_ITEM_LG2 = 3;
  private static final long L1_V = 1;
  private static final int SPLIT_4K = 6;
  private static final int SPLIT_64K = 10;

  /** Beyond these, tables of 64 KiB keep the first level small. */
  private static final int SSID_BITS_4K = 15;

  private static final int DW1 = 8;
  private static final int DW3 = 24;

  /**
   * What a stream table entry says of it.
   *
   * @param pa of the first level
   * @param maxLg2 S1CDMax: log2 of the number of descriptors
   * @param formatCode S1Fmt: 0 linear, 1 tables of 4 KiB, 2 of 64 KiB
   */
  record Pointer(long pa, int maxLg2, int formatCode) {
    /** log2 of the descriptors in a table of the second level. */
    int split() {
      return formatCode == 1 ? SPLIT_4K : SPLIT_64K;
    }
  }

  private final UnitParts parts;
  private final Words words;
  private final Pointer pointer;
  private final StructureDescriptor first;
  private final Map<Integer, StructureDescriptor> second = new HashMap<>();

  /**
   * Allocates it, every descriptor invalid.
   *
   * @param ssidBits bits of a SubstreamID; 0 for one descriptor alone
   * @param twoLevel whether the unit takes two levels
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#OUT_OF_MEMORY}
   */
  ContextTable(UnitParts parts, int ssidBits, boolean twoLevel) {
    this.parts = parts;
    this.words = new Words(parts.memory());
    int code = !twoLevel || ssidBits <= SPLIT_4K ? 0 : ssidBits <= SSID_BITS_4K ? 1 : 2;
    int split = code == 1 ? SPLIT_4K : SPLIT_64K;
    int lg2 =
        code == 0 ? ssidBits + ENTRY_LG2 : Math.max(ssidBits - split + L1_ITEM_LG2, ENTRY_LG2);
    this.first = structure("context descriptors", lg2);
    this.pointer = new Pointer(first.pa(), ssidBits, code);
  }

  private StructureDescriptor structure(String name, int bytesLg2) {
    return parts
        .structures()
        .allocate(name, 1 << bytesLg2, bytesLg2, parts.node(), StructureDescriptor::new);
  }

  Pointer pointer() {
    return pointer;
  }

  /**
   * The pa of a descriptor, for which there is memory after this.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#OUT_OF_MEMORY};
   *     nothing changed
   */
  long entry(int ssid) {
    if (pointer.formatCode() == 0) {
      return first.pa() + ((long) ssid << ENTRY_LG2);
    }
    int split = pointer.split();
    int index = ssid >>> split;
    StructureDescriptor table = second.get(index);
    if (table == null) {
      table = structure("context descriptors, second level", split + ENTRY_LG2);
      second.put(index, table);
      words.store(first.pa() + ((long) index << L1_ITEM_LG2), l1Cd(table.pa()));
    }
    return table.pa() + ((ssid & (1L << split) - 1) << ENTRY_LG2);
  }

  /** The item of the first level. */
  static long l1Cd(long pa) {
    return pa | L1_V;
  }

  /** All of a descriptor that is not valid but for the word that makes it so. */
  void prepare(int ssid, ContextDescriptor descriptor) {
    long pa = entry(ssid);
    words.store(pa + DW1, descriptor.dw1());
    words.store(pa + DW3, ContextDescriptor.MAIR);
  }

  /** The word that makes a descriptor valid. */
  void validate(int ssid, ContextDescriptor descriptor) {
    words.store(entry(ssid), descriptor.dw0());
  }

  /** The descriptor is not valid any more. */
  void invalidate(int ssid) {
    words.store(entry(ssid), 0);
  }

  /** Gives the memory back; the unit does not use it any more. */
  void free() {
    second.values().forEach(parts.structures()::free);
    second.clear();
    parts.structures().free(first);
  }
}
