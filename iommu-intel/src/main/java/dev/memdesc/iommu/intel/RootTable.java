package dev.memdesc.iommu.intel;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.spi.UnitParts;
import java.util.ArrayList;
import java.util.List;

/**
 * The root table and the tables of context entries: VT-d 3.4 "Mapping Devices to Domains", 9.1
 * "Root Entry", 9.2 "Scalable-Mode Root Entry". A source id is a bus, 15:8, and a devfn, 7:0.
 *
 * <pre>
 *             63                            12 11      1   0
 *            +--------------------------------+---------+----+
 *  word 0    |  context table (lower, below   |    0    | P  |   legacy: 256 entries of 16 bytes,
 *            |  devfn 0x80, if scalable)      |         |    |   word 1 is 0
 *  word 1    |  upper context table           |    0    | P  |   scalable: 2 x 128 of 32 bytes
 *            +--------------------------------+---------+----+
 * </pre>
 *
 * <p>A context table is made when the first device of its bus is attached, and stays.
 */
final class RootTable implements AutoCloseable {
  private static final int ENTRY_BYTES = 16;
  private static final int BUS_SHIFT = 8;
  private static final int DEVFN_MASK = 0xFF;
  private static final int HALF_LG2 = 7;
  private static final int LEGACY_CONTEXT_LG2 = 4;
  private static final int SCALABLE_CONTEXT_LG2 = 5;
  private static final int DEVICES = 1 << 16;
  private static final long PRESENT = 1;
  private static final long TABLE_PA = -1L << SecondStage.FRAME_LG2;

  /** Bytes of the root table, and of every context table. */
  static final int TABLE_BYTES = 1 << SecondStage.FRAME_LG2;

  private final UnitParts parts;
  private final boolean scalable;
  private final List<StructureDescriptor> tables = new ArrayList<>();
  private final long pa;

  /** An empty one. Throws with {@link Reason#OUT_OF_MEMORY}. */
  RootTable(UnitParts parts, boolean scalable) {
    this.parts = parts;
    this.scalable = scalable;
    this.pa = newTable("root table");
  }

  private long newTable(String name) {
    StructureDescriptor table =
        parts
            .structures()
            .allocate(
                name, TABLE_BYTES, SecondStage.FRAME_LG2, parts.node(), StructureDescriptor::new);
    tables.add(table);
    return table.pa();
  }

  /** The value of RTADDR. */
  long register() {
    return pa | (scalable ? Registers.RTADDR_SCALABLE : 0);
  }

  /**
   * The pa of a device's context entry, whose table is made if it is missing.
   *
   * @throws PageTableException with {@link Reason#VA_OUTSIDE_FORMAT} if there is no such device,
   *     {@link Reason#OUT_OF_MEMORY}
   */
  long entry(int device) {
    if (device < 0 || device >= DEVICES) {
      throw PageTableException.because(Reason.VA_OUTSIDE_FORMAT, "a source id has 16 bits")
          .with("device", "0x" + Integer.toHexString(device))
          .build();
    }
    int devfn = device & DEVFN_MASK;
    int half = scalable ? devfn >>> HALF_LG2 : 0;
    long rootEntry = pa + (long) (device >>> BUS_SHIFT) * ENTRY_BYTES + (long) half * Long.BYTES;
    long word = Memory.load(parts.memory(), rootEntry);
    long table = word & TABLE_PA;
    if ((word & PRESENT) == 0) {
      table = newTable("context table of bus 0x" + Integer.toHexString(device >>> BUS_SHIFT));
      Memory.store(parts.memory(), rootEntry, table | PRESENT);
    }
    return scalable
        ? table + ((long) (devfn & (1 << HALF_LG2) - 1) << SCALABLE_CONTEXT_LG2)
        : table + ((long) devfn << LEGACY_CONTEXT_LG2);
  }

  /** Frees it, when the unit does not use it any more. */
  @Override
  public void close() {
    tables.forEach(parts.structures()::free);
    tables.clear();
  }
}
