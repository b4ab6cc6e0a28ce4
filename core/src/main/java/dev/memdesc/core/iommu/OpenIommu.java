package dev.memdesc.core.iommu;

import dev.memdesc.api.Failures;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.api.spi.IommuUnit;
import dev.memdesc.api.spi.QueueCounts;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.api.spi.UnitParts;
import dev.memdesc.api.spi.UnitRegisters;
import dev.memdesc.core.fragment.FragmentParts;
import dev.memdesc.core.guard.Arguments;
import dev.memdesc.core.memory.MemoryWait;
import dev.memdesc.core.memory.PaReach;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A unit in use, with the books of its domains and of the devices that are attached to them. One
 * lock serialises what changes the unit's structures; mapping and invalidating do not take it.
 */
public final class OpenIommu implements Iommu {
  private final String name;
  private final MachineParts machine;
  private final int node;
  private final PooledStructureMemory structures;
  private final IommuUnit unit;
  private final List<TableFormat> formats;
  private final Consumer<OpenIommu> onClose;
  // All guarded by this.
  private final Map<String, FormatTables> tables = new HashMap<>();
  private final List<EngineDomain> domains = new ArrayList<>();
  private final Map<Attachment, EngineDomain> attached = new HashMap<>();
  private boolean closed;

  /** What is attached to one domain. */
  private record Attachment(int device, int pasid) {}

  /**
   * Takes a unit into use.
   *
   * @param node the NUMA node wanted for tables and structures
   * @param onClose called once, when the unit is closed
   * @throws PageTableException as {@link IommuBackend#open}; nothing stays allocated
   */
  public OpenIommu(
      IommuBackend backend,
      UnitRegisters registers,
      MachineParts machine,
      int node,
      Consumer<OpenIommu> onClose) {
    this.name = backend.name();
    this.machine = machine;
    this.node = node;
    this.onClose = onClose;
    this.structures =
        new PooledStructureMemory(
            new FragmentParts(
                machine.memory(),
                machine.allocator(),
                machine.descriptors(),
                machine.rcu(),
                MemoryWait.NONE),
            machine.nodes());
    RingQueues queues = new RingQueues(machine.memory(), structures, node, machine.timeout());
    try {
      this.unit =
          backend.open(new UnitParts(machine.memory(), structures, registers, queues, node));
    } catch (RuntimeException | Error e) {
      var _ = Failures.after(e, structures::trim);
      throw e;
    }
    try {
      this.formats = List.copyOf(unit.formats());
      for (TableFormat format : formats) {
        tables.put(format.name(), FormatTables.of(format, backend, machine));
      }
    } catch (RuntimeException | Error e) {
      var _ = Failures.after(e, unit::close);
      var _ = Failures.after(e, this::trim);
      throw e;
    }
  }

  MachineParts machine() {
    return machine;
  }

  int node() {
    return node;
  }

  IommuUnit unit() {
    return unit;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<TableFormat> formats() {
    return formats;
  }

  @Override
  public IommuDomain newDomain(String domain, String format) {
    Arguments.require(domain, "name");
    Arguments.require(format, "format");
    FormatTables known = tablesOf(format);
    return add(domain, known, null, rootPa -> unit.newDomain(known.format(), rootPa));
  }

  @Override
  public IommuDomain newNestedDomain(String domain, String format, IommuDomain second) {
    Arguments.require(domain, "name");
    Arguments.require(format, "format");
    Arguments.require(second, "second");
    if (!(second instanceof EngineDomain below) || !isMine(below)) {
      throw PageTableException.because(Reason.FOREIGN, "a domain is nested in one of the same unit")
          .with("domain", domain)
          .with("second", second.name())
          .build();
    }
    FormatTables known = tablesOf(format);
    return add(
        domain, known, below, rootPa -> unit.newNestedDomain(known.format(), rootPa, below.unit()));
  }

  @SuppressWarnings("ReferenceEquality") // units are told apart by identity
  private boolean isMine(EngineDomain domain) {
    return domain.iommu() == this;
  }

  private synchronized FormatTables tablesOf(String format) {
    FormatTables known = tables.get(format);
    if (known == null) {
      throw PageTableException.because(Reason.UNKNOWN_NAME, "a domain's format is one of its unit")
          .with("format", format)
          .with("unit", name)
          .hint("there are " + formats)
          .build();
    }
    PaReach.require(known.format(), machine.memory().firstPa(), machine.memory().bytes());
    return known;
  }

  private IommuDomain add(
      String domain,
      FormatTables known,
      @Nullable EngineDomain second,
      LongFunction<UnitDomain> newUnitDomain) {
    try {
      return tryAdd(domain, known, second, newUnitDomain);
    } catch (PageTableException e) {
      // Without the lock.
      return machine.memoryWait().again(e, () -> tryAdd(domain, known, second, newUnitDomain));
    }
  }

  private synchronized IommuDomain tryAdd(
      String domain,
      FormatTables known,
      @Nullable EngineDomain second,
      LongFunction<UnitDomain> newUnitDomain) {
    requireOpen();
    if (second != null && !domains.contains(second)) {
      throw PageTableException.because(Reason.CLOSED, "a second stage is open")
          .with("domain", domain)
          .with("second", second.name())
          .build();
    }
    EngineDomain made = new EngineDomain(this, domain, known, second, newUnitDomain);
    domains.add(made);
    return made;
  }

  private void requireOpen() {
    if (closed) {
      throw PageTableException.because(Reason.CLOSED, "a unit is used before it is closed")
          .with("unit", name)
          .build();
    }
  }

  void attach(EngineDomain domain, int device, int pasid) {
    try {
      tryAttach(domain, device, pasid);
    } catch (PageTableException e) {
      // Without the lock.
      machine
          .memoryWait()
          .again(
              e,
              () -> {
                tryAttach(domain, device, pasid);
                return true;
              });
    }
  }

  private synchronized void tryAttach(EngineDomain domain, int device, int pasid) {
    requireDomain(domain);
    Attachment wanted = new Attachment(device, pasid);
    EngineDomain other = attached.get(wanted);
    if (other != null) {
      throw PageTableException.because(
              Reason.ALREADY_MAPPED, "a device is attached to one domain at a time")
          .hex("device", device)
          .with("pasid", pasid)
          .with("attachedTo", other.name())
          .with("domain", domain.name())
          .hint("detach it first")
          .build();
    }
    domain.unit().attach(device, pasid);
    attached.put(wanted, domain);
  }

  @SuppressWarnings("ReferenceEquality") // domains are told apart by identity
  synchronized void detach(EngineDomain domain, int device, int pasid) {
    requireDomain(domain);
    Attachment wanted = new Attachment(device, pasid);
    if (attached.get(wanted) != domain) {
      throw PageTableException.because(
              Reason.NOT_MAPPED, "a device is detached from the domain that it is attached to")
          .hex("device", device)
          .with("pasid", pasid)
          .with("domain", domain.name())
          .build();
    }
    domain.unit().detach(device, pasid);
    attached.remove(wanted);
  }

  private void requireDomain(EngineDomain domain) {
    if (!domains.contains(domain)) {
      throw PageTableException.because(Reason.CLOSED, "a domain is used before it is closed")
          .with("domain", domain.name())
          .build();
    }
  }

  @SuppressWarnings("ReferenceEquality") // domains are told apart by identity
  synchronized List<Integer> devicesOf(EngineDomain domain) {
    return attached.entrySet().stream()
        .filter(entry -> entry.getValue() == domain)
        .map(entry -> entry.getKey().device())
        .distinct()
        .sorted(Integer::compareUnsigned)
        .toList();
  }

  /** Ends a domain in the unit, whose tables the caller drops then. */
  synchronized void end(EngineDomain domain) {
    domain.endAlone(() -> endInUnit(domain));
  }

  @SuppressWarnings("ReferenceEquality") // domains are told apart by identity
  private void endInUnit(EngineDomain domain) {
    for (EngineDomain other : domains) {
      if (other.second() == domain) {
        throw PageTableException.because(
                Reason.ILLEGAL_STATE, "a second stage is closed after what is nested in it")
            .with("domain", domain.name())
            .with("nested", other.name())
            .build();
      }
    }
    // One by one, so that these books say what the unit's do if it stops answering.
    for (Map.Entry<Attachment, EngineDomain> entry : List.copyOf(attached.entrySet())) {
      if (entry.getValue() == domain) {
        domain.unit().detach(entry.getKey().device(), entry.getKey().pasid());
        attached.remove(entry.getKey());
      }
    }
    domain.forget();
    domains.remove(domain);
  }

  @Override
  public long pollFaults(Consumer<IommuFault> stray) {
    Arguments.require(stray, "stray");
    List<IommuFault> faults = new ArrayList<>();
    List<Consumer<IommuFault>> receivers = new ArrayList<>();
    long lost;
    synchronized (this) {
      requireOpen();
      lost = unit.takeFaults(faults::add);
      for (IommuFault fault : faults) {
        receivers.add(receiver(fault, stray));
      }
    }
    // Without the lock: who is told may detach the device.
    Throwable failure = null;
    for (int i = 0; i < faults.size(); i++) {
      try {
        receivers.get(i).accept(faults.get(i));
      } catch (Throwable e) {
        // The others are told all the same, also after an error.
        failure = Failures.join(failure, e);
      }
    }
    Failures.throwIfAny(failure);
    return lost;
  }

  private Consumer<IommuFault> receiver(IommuFault fault, Consumer<IommuFault> stray) {
    EngineDomain domain = attached.get(new Attachment(fault.device(), fault.pasid()));
    Consumer<IommuFault> handler = domain == null ? null : domain.handler();
    return handler == null ? stray : handler;
  }

  @Override
  public QueueCounts commands() {
    return unit.commands().counts();
  }

  @Override
  public synchronized long pages() {
    long frames = structures.frames();
    long frameBytes = 1L << machine.memory().frameLg2();
    for (FormatTables known : tables.values()) {
      frames += (known.bytes(machine.nodes()) + frameBytes - 1) / frameBytes;
    }
    return frames;
  }

  /** Bytes of the unit's structures and queues, of all nodes. */
  public long structureBytes() {
    long bytes = 0;
    for (int n = 0; n < machine.nodes(); n++) {
      bytes += structures.allocatedBytes(n);
    }
    return bytes;
  }

  /**
   * Closes the domains, nested ones first, then the unit. If the unit does not answer, what it may
   * still use stays allocated, and closing can be tried again. What fails otherwise is thrown when
   * all is done.
   */
  @Override
  public void close() {
    Throwable failure = null;
    synchronized (this) {
      if (closed) {
        return;
      }
      // Whoever is nested was made after what it is nested in.
      for (EngineDomain domain : domains.reversed().toArray(EngineDomain[]::new)) {
        try {
          domain.close();
        } catch (RuntimeException | Error e) {
          failure = Failures.join(failure, e);
          if (domains.contains(domain)) {
            // The unit did not end it, and would let us wait for the next one as long.
            throw e;
          }
        }
      }
      try {
        unit.close();
      } catch (RuntimeException | Error e) {
        Failures.throwIfAny(Failures.join(e, failure == null ? e : failure));
      }
      closed = true;
    }
    failure = Failures.after(failure, this::trim);
    failure = Failures.after(failure, () -> onClose.accept(this));
    Failures.throwIfAny(failure);
    if (structureBytes() != 0) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "a unit that is closed has given its structures back")
          .with("unit", name)
          .with("left", structures.names())
          .build();
    }
  }

  /**
   * Gives back memory that is kept for the next table; again when grace periods are over.
   *
   * @return whether every table is free
   */
  public synchronized boolean trim() {
    Throwable failure = Failures.after(null, structures::trim);
    boolean free = true;
    for (FormatTables known : tables.values()) {
      failure = Failures.after(failure, known.memory()::trim);
      free &= known.bytes(machine.nodes()) == 0;
    }
    Failures.throwIfAny(failure);
    return free;
  }

  @Override
  public String toString() {
    return name + " with " + formats;
  }
}
