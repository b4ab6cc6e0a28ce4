package dev.memdesc.iommu.intel;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.api.spi.UnitParts;

/**
 * Context entries that lead to second-stage tables at once: VT-d 9.3 "Context Entry".
 *
 * <pre>
 *          63              24 23     12 11   8 7 6     3 2   0
 *         +----------------------------+------+----------+-----+
 *  word 0 |           SSPTPTR          |   0  |    T 3:2 FPD P |
 *  word 1 |         0         |      DID       |0|  -   |  AW  |
 *         +----------------------------+------+----------+-----+
 * </pre>
 *
 * <p>T is 0: requests are translated, and a device may not ask for translations of its own.
 */
final class LegacyContexts implements ContextTables {
  private static final long P = 1;
  private static final int DID_SHIFT = 8;

  private final UnitParts parts;
  private final RootTable root;

  LegacyContexts(UnitParts parts) {
    this.parts = parts;
    this.root = new RootTable(parts, false);
  }

  @Override
  public long register() {
    return root.register();
  }

  @Override
  public void prepare(int device, int pasid) {
    if (pasid != UnitDomain.NO_PASID) {
      throw PageTableException.because(
              Reason.VA_OUTSIDE_FORMAT, "a unit in legacy mode knows no PASIDs")
          .with("device", "0x" + Integer.toHexString(device))
          .with("pasid", pasid)
          .build();
    }
    root.reserve(device);
  }

  @Override
  public boolean enter(int device, int pasid, IntelDomain domain) {
    long entry = root.entry(device);
    Memory.store(
        parts.memory(),
        entry + Long.BYTES,
        (long) domain.id() << DID_SHIFT | Capabilities.addressWidth(domain.format().va().bits()));
    Memory.store(parts.memory(), entry, domain.rootPa() | P);
    return false;
  }

  @Override
  public void remove(int device, int pasid) {
    long entry = root.entry(device);
    Memory.store(parts.memory(), entry, 0);
    Memory.store(parts.memory(), entry + Long.BYTES, 0);
  }

  @Override
  public void release(int device) {
    // The context table stays for the other devices of the bus.
  }

  @Override
  public void close() {
    root.close();
  }
}
