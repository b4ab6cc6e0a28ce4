package dev.memdesc.iommu.intel;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.IommuUnit;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.api.spi.UnitParts;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A VT-d unit in use, in legacy mode or, if the unit has it, in scalable mode: VT-d 6.5.3.2 and
 * 6.5.3.3 say what must be forgotten after which change of an entry. Entries are written under one
 * lock; invalidations take none but the queue's.
 */
final class IntelUnit implements IommuUnit {
  /** Requests to this range are interrupts: VT-d 3.14 "Handling Requests to Interrupt Range". */
  private static final AddressRange INTERRUPTS = new AddressRange(0xFEE0_0000L, 0xFEEF_FFFFL);

  private final Capabilities capabilities;
  private final List<TableFormat> formats;
  private final Start start;
  private final Faults faults;
  private final long drain;
  private final Object lock = new Object();
  // Guarded by lock, as what the next one holds. Number 0 is used for nothing.
  private final BitSet ids = new BitSet();
  private final Map<Long, IntelDomain> attached = new TreeMap<>();
  private boolean closed;

  private IntelUnit(UnitParts parts, Capabilities capabilities, Start start) {
    this.capabilities = capabilities;
    this.formats = Formats.offered(capabilities);
    this.start = start;
    this.faults = new Faults(parts.registers(), capabilities);
    this.drain = start.drain();
    ids.set(0);
  }

  /** Takes a unit into use. Throws as {@link IntelBackend#open}. */
  static IntelUnit open(UnitParts parts) {
    Capabilities capabilities = Capabilities.read(parts.registers());
    capabilities.require();
    return new IntelUnit(parts, capabilities, Start.enable(parts, capabilities));
  }

  Capabilities capabilities() {
    return capabilities;
  }

  Waiter waiter() {
    return start.waiter();
  }

  /** The bits of IOTLB commands with which they wait for requests under way. */
  long drain() {
    return drain;
  }

  @Override
  public CommandQueue commands() {
    return start.queue();
  }

  @Override
  public List<TableFormat> formats() {
    return formats;
  }

  @Override
  public List<AddressRange> reserved(TableFormat format) {
    List<AddressRange> all = new ArrayList<>();
    all.add(INTERRUPTS);
    int seen = capabilities.guestAddressBits();
    if (!Formats.isFirstStage(format) && seen < format.va().bits()) {
      all.add(new AddressRange(1L << seen, (1L << format.va().bits()) - 1));
    }
    return List.copyOf(all);
  }

  @Override
  public UnitDomain newDomain(TableFormat format, long rootPa) {
    require(format);
    return newDomain(format, rootPa, null);
  }

  @Override
  public UnitDomain newNestedDomain(TableFormat format, long root, UnitDomain second) {
    require(format);
    if (!(second instanceof IntelDomain below)
        || !capabilities.nesting()
        || !Formats.isFirstStage(format)
        || below.isFirstStage()) {
      throw PageTableException.because(
              Reason.INCONSISTENT, "a unit that can nest has a first stage above a second")
          .with("format", format)
          .with("canNest", capabilities.nesting())
          .build();
    }
    return newDomain(format, root, below);
  }

  private void require(TableFormat format) {
    if (!formats.contains(format)) {
      throw PageTableException.because(Reason.INCONSISTENT, "a unit walks the formats it offers")
          .with("format", format)
          .with("offered", formats)
          .hint("the unit may lack a width, a page size or a stage: CAP and ECAP say so")
          .build();
    }
  }

  private IntelDomain newDomain(TableFormat format, long rootPa, @Nullable IntelDomain second) {
    synchronized (lock) {
      int id = ids.nextClearBit(0);
      if (id >= capabilities.domains()) {
        throw PageTableException.because(Reason.OUT_OF_MEMORY, "a domain id is left")
            .with("domains", capabilities.domains() - 1)
            .hint("CAP.ND says how many the unit has")
            .build();
      }
      ids.set(id);
      return new IntelDomain(this, format, rootPa, id, second);
    }
  }

  void attach(IntelDomain domain, int device, int pasid) {
    synchronized (lock) {
      IntelDomain other = attached.get(key(device, pasid));
      if (other != null) {
        throw PageTableException.because(Reason.ALREADY_MAPPED, "a device is in one domain")
            .with("device", "0x" + Integer.toHexString(device))
            .with("pasid", pasid)
            .with("domain", other.id())
            .hint("detach it first")
            .build();
      }
      ContextTables contexts = start.contexts();
      contexts.prepare(device, pasid);
      domain.pasids().add(ScalableContexts.entryOf(pasid));
      attached.put(key(device, pasid), domain);
      if (contexts.enter(device, pasid, domain)) {
        forgetContext(domain, device, pasid);
      }
    }
  }

  /** The unit had read an entry that changed. */
  private void forgetContext(IntelDomain domain, int device, int pasid) {
    try {
      commands().put(Descriptors.context(device, domain.id()), 0);
      waiter().complete();
    } catch (RuntimeException e) {
      // Nothing is freed: nobody knows what the unit still reads.
      start.contexts().remove(device, pasid);
      attached.remove(key(device, pasid));
      waiter().unsettle();
      throw e;
    }
    start.contexts().release(device);
  }

  void detach(IntelDomain domain, int device, int pasid) {
    synchronized (lock) {
      if (attached.get(key(device, pasid)) != domain) {
        throw PageTableException.because(Reason.NOT_MAPPED, "the device is in the domain")
            .with("device", "0x" + Integer.toHexString(device))
            .with("pasid", pasid)
            .with("domain", domain.id())
            .build();
      }
      // Until the unit has forgotten it, the device counts as attached, so this can be tried again.
      start.contexts().remove(device, pasid);
      commands().put(Descriptors.context(device, domain.id()), 0);
      if (capabilities.scalable()) {
        commands().put(Descriptors.pasidEntry(domain.id(), ScalableContexts.entryOf(pasid)), 0);
      }
      waiter().fence();
      domain.invalidateAll();
      waiter().complete();
      attached.remove(key(device, pasid));
      int entry = ScalableContexts.entryOf(pasid);
      if (attached.entrySet().stream()
          .noneMatch(one -> one.getValue() == domain && entryOf(one.getKey()) == entry)) {
        domain.pasids().remove(entry);
      }
      start.contexts().release(device);
    }
  }

  private static long key(int device, int pasid) {
    return (long) device << Integer.SIZE | (pasid & 0xFFFF_FFFFL);
  }

  private static int entryOf(long key) {
    return ScalableContexts.entryOf((int) key);
  }

  void close(IntelDomain domain) {
    synchronized (lock) {
      List<Long> keys =
          attached.entrySet().stream()
              .filter(one -> one.getValue() == domain)
              .map(Map.Entry::getKey)
              .toList();
      keys.forEach(one -> detach(domain, (int) (one >>> Integer.SIZE), (int) (long) one));
      domain.invalidateAll();
      waiter().complete();
      ids.clear(domain.id());
    }
  }

  @Override
  public long takeFaults(Consumer<IommuFault> sink) {
    return faults.take(sink);
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      if (ids.cardinality() > 1) {
        throw PageTableException.because(
                Reason.ILLEGAL_STATE, "a unit is closed after all of its domains")
            .with("domains", ids.cardinality() - 1)
            .build();
      }
      start.disable();
      closed = true;
    }
  }
}
