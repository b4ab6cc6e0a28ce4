package dev.memdesc.iommu.intel;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.spi.UnitParts;
import java.util.HashMap;
import java.util.Map;

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

  /** Bytes of the root table, and of every context table. */
  static final int TABLE_BYTES = 1 << SecondStage.FRAME_LG2;

  private final UnitParts parts;
  private final boolean scalable;
  private final Map<Long, StructureDescriptor> contexts = new HashMap<>();
  private final StructureDescriptor table;

  /** An empty one. Throws with {@link Reason#OUT_OF_MEMORY}. */
  RootTable(UnitParts parts, boolean scalable) {
    this.parts = parts;
    this.scalable = scalable;
    this.table = newTable("root table");
  }

  private StructureDescriptor newTable(String name) {
    return parts
        .structures()
        .allocate(name, TABLE_BYTES, SecondStage.FRAME_LG2, parts.node(), StructureDescriptor::new);
  }

  /** The value of RTADDR. */
  long register() {
    return table.pa() | (scalable ? Registers.RTADDR_SCALABLE : 0);
  }

  /**
   * Makes the table that will hold a device's context entry, if it is missing. The unit does not
   * see it before {@link #entry}.
   *
   * @return whether it was missing
   * @throws PageTableException with {@link Reason#VA_OUTSIDE_FORMAT} if there is no such device,
   *     {@link Reason#OUT_OF_MEMORY}
   */
  boolean reserve(int device) {
    if (device < 0 || device >= DEVICES) {
      throw PageTableException.because(Reason.VA_OUTSIDE_FORMAT, "a source id has 16 bits")
          .with("device", "0x" + Integer.toHexString(device))
          .build();
    }
    if (contexts.containsKey(rootEntry(device))) {
      return false;
    }
    contexts.put(
        rootEntry(device),
        newTable("context table of bus 0x" + Integer.toHexString(device >>> BUS_SHIFT)));
    return true;
  }

  /** Takes back what {@link #reserve} made. */
  void unreserve(int device) {
    StructureDescriptor made = contexts.remove(rootEntry(device));
    if (made != null) {
      parts.structures().free(made);
    }
  }

  /** The pa of a device's context entry, whose table is reserved; the unit sees it from now on. */
  long entry(int device) {
    StructureDescriptor context = contexts.get(rootEntry(device));
    if (context == null) {
      throw new IllegalStateException("a device's table is reserved before it is used: " + device);
    }
    long word = context.pa() | PRESENT;
    if (Memory.load(parts.memory(), rootEntry(device)) != word) {
      Memory.store(parts.memory(), rootEntry(device), word);
    }
    int devfn = device & DEVFN_MASK;
    return scalable
        ? context.pa() + ((long) (devfn & (1 << HALF_LG2) - 1) << SCALABLE_CONTEXT_LG2)
        : context.pa() + ((long) devfn << LEGACY_CONTEXT_LG2);
  }

  /** The pa of the word of the root table that leads to a device's context entry. */
  private long rootEntry(int device) {
    int half = scalable ? (device & DEVFN_MASK) >>> HALF_LG2 : 0;
    return table.pa() + (long) (device >>> BUS_SHIFT) * ENTRY_BYTES + (long) half * Long.BYTES;
  }

  /** Frees it, when the unit does not use it any more. */
  @Override
  public void close() {
    contexts.values().forEach(parts.structures()::free);
    contexts.clear();
    parts.structures().free(table);
  }
}
