package dev.memdesc.core.iommu;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.spi.Invalidator;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.core.guard.Arguments;
import dev.memdesc.core.space.EngineAddressSpace;
import java.util.List;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A domain: an address space whose gathers make a unit forget. What devices are attached is the
 * unit's to know; see {@link OpenIommu}, which has the books.
 */
final class EngineDomain extends EngineAddressSpace implements IommuDomain {
  private final OpenIommu iommu;
  private final UnitDomain unit;
  private final List<AddressRange> reserved;
  private final @Nullable EngineDomain second;
  // Invalidations hold it to read, the end of the unit's domain to write.
  private final StampedLock life = new StampedLock();
  // Guarded by life. The unit has forgotten everything of this domain.
  private boolean forgotten;
  // Volatile: the last handler wins.
  private volatile @Nullable Consumer<IommuFault> handler;

  /**
   * A new, empty domain.
   *
   * @param second the stage that translates what this one yields; null if there is none
   * @param newUnitDomain makes the unit's side for the pa of the root
   */
  EngineDomain(
      OpenIommu iommu,
      String name,
      FormatTables tables,
      @Nullable EngineDomain second,
      LongFunction<UnitDomain> newUnitDomain) {
    super(
        name,
        tables.format(),
        iommu.machine().memory(),
        iommu.machine().descriptors(),
        tables.memory(),
        iommu.machine().rcu(),
        iommu.node(),
        iommu.machine().memoryWait(),
        (_, context) -> tables.engines().apply(context),
        closed -> {});
    this.iommu = iommu;
    this.second = second;
    try {
      this.reserved = List.copyOf(iommu.unit().reserved(tables.format()));
      this.unit = newUnitDomain.apply(rootPa());
    } catch (RuntimeException | Error e) {
      super.close();
      throw e;
    }
  }

  OpenIommu iommu() {
    return iommu;
  }

  UnitDomain unit() {
    return unit;
  }

  @Nullable EngineDomain second() {
    return second;
  }

  @Nullable Consumer<IommuFault> handler() {
    return handler;
  }

  @Override
  public int id() {
    return unit.id();
  }

  @Override
  protected Invalidator invalidator() {
    return new UnlessForgotten();
  }

  /** A gather that outlives the domain has nothing to tell the unit, which has forgotten it all. */
  private final class UnlessForgotten implements Invalidator {
    @Override
    public void invalidate(long first, long last, long leafSizes, boolean tables) {
      long stamp = life.readLock();
      try {
        if (!forgotten) {
          unit.invalidate(first, last, leafSizes, tables);
        }
      } finally {
        life.unlockRead(stamp);
      }
    }

    @Override
    public void invalidateAll() {
      long stamp = life.readLock();
      try {
        if (!forgotten) {
          unit.invalidateAll();
        }
      } finally {
        life.unlockRead(stamp);
      }
    }

    @Override
    public void complete() {
      long stamp = life.readLock();
      try {
        if (!forgotten) {
          unit.complete();
        }
      } finally {
        life.unlockRead(stamp);
      }
    }
  }

  @Override
  public void map(
      long va, long pa, long length, Attributes attributes, PageSizes sizes, Gather gather) {
    Arguments.require(attributes, "attributes");
    if (!reserved.isEmpty()) {
      requireTranslated(va, length);
    }
    if (owesInvalidation()) {
      settle(gather);
    }
    super.map(va, pa, length, iommu.unit().forDevices(format(), attributes), sizes, gather);
  }

  @Override
  public void putSoft(long va, int sizeLg2, SoftEntry entry, Gather gather) {
    if (!reserved.isEmpty() && sizeLg2 >= 0 && sizeLg2 < Long.SIZE) {
      requireTranslated(va, 1L << sizeLg2);
    }
    if (owesInvalidation()) {
      settle(gather);
    }
    super.putSoft(va, sizeLg2, entry, gather);
  }

  private void requireTranslated(long va, long length) {
    long last = AddressRange.lastOf(va, length);
    for (int i = 0; i < reserved.size(); i++) {
      AddressRange range = reserved.get(i);
      if (Long.compareUnsigned(va, range.last()) <= 0
          && Long.compareUnsigned(last, range.start()) >= 0) {
        throw PageTableException.because(
                Reason.VA_OUTSIDE_FORMAT, "an iova that is mapped is one that the unit translates")
            .hex("va", va)
            .hex("last", last)
            .hex("reserved", range.start())
            .hex("reservedLast", range.last())
            .with("domain", name())
            .build();
      }
    }
  }

  @Override
  public void attach(int device) {
    iommu.attach(this, device, UnitDomain.NO_PASID);
  }

  @Override
  public void attach(int device, int pasid) {
    iommu.attach(this, device, checked(pasid));
  }

  @Override
  public void detach(int device) {
    iommu.detach(this, device, UnitDomain.NO_PASID);
  }

  @Override
  public void detach(int device, int pasid) {
    iommu.detach(this, device, checked(pasid));
  }

  private int checked(int pasid) {
    if (pasid < 0) {
      throw PageTableException.because(Reason.VA_OUTSIDE_FORMAT, "a PASID is 0 or more")
          .with("pasid", pasid)
          .with("domain", name())
          .build();
    }
    return pasid;
  }

  @Override
  public List<Integer> devices() {
    return iommu.devicesOf(this);
  }

  @Override
  public void onFault(Consumer<IommuFault> newHandler) {
    this.handler = Arguments.require(newHandler, "handler");
  }

  @Override
  public List<AddressRange> reserved() {
    return reserved;
  }

  /**
   * Ends the domain in the unit, then frees the tables. If the unit does not answer, the domain
   * stays open: devices may still use its tables.
   */
  @Override
  public void close() {
    if (!isOpen()) {
      return;
    }
    iommu.end(this);
    dropTables();
  }

  /**
   * Ends the domain in the unit; nobody else changes its tables from here on. For {@link
   * OpenIommu}, under its lock: whoever closes the unit has that lock first, so the writer's turn
   * comes second everywhere.
   *
   * @param step ends it
   */
  void endAlone(Runnable step) {
    beginClose();
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      giveUpClose();
      throw e;
    }
  }

  /** Detaches every device; the unit forgets everything. For {@link OpenIommu}, under its lock. */
  void forget() {
    long stamp = life.writeLock();
    try {
      if (!forgotten) {
        unit.close();
        forgotten = true;
      }
    } finally {
      life.unlockWrite(stamp);
    }
  }
}
