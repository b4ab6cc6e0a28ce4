package dev.memdesc.iommu.intel;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.api.spi.UnitParts;
import java.util.HashMap;
import java.util.Map;

/**
 * Context entries that lead to PASID tables: VT-d 9.4 "Scalable-Mode Context Entry".
 *
 * <pre>
 *          63             12 11   9 8   5   4    3      2    1   0
 *         +-----------------+------+-----+-----+------+-----+---+---+
 *  word 0 |   PASIDDIRPTR   | PDTS |  0  | PRE |PASIDE| DTE |FPD| P |
 *  word 1 |        0        | RID_PRIV 20, RID_PASID 19:0           |
 *         +-----------------+--------------------------------------+
 * </pre>
 *
 * <p>Words 1 to 3 are 0: requests without PASID use the entry of PASID 0, which no request can name
 * itself then.
 */
final class ScalableContexts implements ContextTables {
  /** The PASID whose entry is for requests that have none. */
  static final int RID_PASID = 0;

  private static final long P = 1;
  private static final long PASIDE = 1L << 3;
  private static final int PDTS_SHIFT = 9;

  private final UnitParts parts;
  private final Capabilities unit;
  private final RootTable root;
  private final Map<Integer, PasidTables> devices = new HashMap<>();

  ScalableContexts(UnitParts parts, Capabilities unit) {
    this.parts = parts;
    this.unit = unit;
    this.root = new RootTable(parts, true);
  }

  /** The PASID whose entry is used for what a device sends with {@code pasid}. */
  static int entryOf(int pasid) {
    return pasid == UnitDomain.NO_PASID ? RID_PASID : pasid;
  }

  @Override
  public long register() {
    return root.register();
  }

  @Override
  public void prepare(int device, int pasid) {
    if (pasid != UnitDomain.NO_PASID && (pasid <= RID_PASID || pasid >= unit.pasids())) {
      throw PageTableException.because(
              Reason.VA_OUTSIDE_FORMAT, "a PASID lies in 1.." + (unit.pasids() - 1))
          .with("device", "0x" + Integer.toHexString(device))
          .with("pasid", pasid)
          .hint("PASID 0 is that of requests without one; ECAP says how many there are")
          .build();
    }
    boolean isFirst = root.reserve(device);
    PasidTables tables = devices.get(device);
    boolean isNew = tables == null;
    try {
      if (tables == null) {
        tables = new PasidTables(parts, unit.secondStageStates());
      }
      tables.prepare(entryOf(pasid));
    } catch (RuntimeException | Error e) {
      if (isNew && tables != null) {
        tables.close();
      }
      if (isFirst) {
        root.unreserve(device);
      }
      throw e;
    }
    devices.put(device, tables);
  }

  @Override
  public boolean enter(int device, int pasid, IntelDomain domain) {
    PasidTables tables = tables(device);
    tables.enter(entryOf(pasid), domain);
    return writeContext(device, tables);
  }

  /** One word says all, so one store changes it. */
  private boolean writeContext(int device, PasidTables tables) {
    long entry = root.entry(device);
    long old = Memory.load(parts.memory(), entry);
    long word =
        tables.isEmpty()
            ? 0
            : tables.directoryPa()
                | (long) tables.sizeCode() << PDTS_SHIFT
                | (tables.hasPasids() ? PASIDE : 0)
                | P;
    Memory.store(parts.memory(), entry, word);
    return (old & P) != 0 && old != word;
  }

  private PasidTables tables(int device) {
    PasidTables tables = devices.get(device);
    if (tables == null) {
      throw new IllegalStateException("a device is prepared before it is used: " + device);
    }
    return tables;
  }

  @Override
  public void remove(int device, int pasid) {
    PasidTables tables = devices.get(device);
    if (tables != null) {
      tables.remove(entryOf(pasid));
      tables.unlink();
      writeContext(device, tables);
    }
  }

  @Override
  public void release(int device) {
    PasidTables tables = devices.get(device);
    if (tables == null) {
      return;
    }
    tables.trim();
    if (tables.isEmpty()) {
      devices.remove(device);
      tables.close();
    }
  }

  @Override
  public void close() {
    devices.values().forEach(PasidTables::close);
    devices.clear();
    root.close();
  }
}
