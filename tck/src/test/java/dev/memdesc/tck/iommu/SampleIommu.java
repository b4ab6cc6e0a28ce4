package dev.memdesc.tck.iommu;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.api.spi.IommuUnit;
import dev.memdesc.api.spi.QueueEnds;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.api.spi.UnitParts;
import dev.memdesc.api.spi.UnitRegisters;
import dev.memdesc.tck.SampleFormats;
import dev.memdesc.tck.iommu.SampleUnit.Command;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A backend that conforms, for the {@link SampleUnit}. A test spoils one thing at a time. */
public class SampleIommu implements IommuBackend {
  static final String NAME = "sample-unit";
  static final AddressRange RESERVED = new AddressRange(0x1000_0000L, 0x1000_FFFFL);

  /** What a planted fault leaves out or does wrong. */
  enum Fault {
    NONE,
    KEEPS_TABLE_AT_FAILED_OPEN,
    NEVER_INVALIDATES,
    NEVER_WAITS,
    FORGETS_LITTLE_INSTEAD,
    LEAKS_AT_FAILED_ATTACH,
    DETACHES_WITHOUT_WAITING,
    SAME_NUMBER,
    SAYS_NOTHING_OF_LOST_FAULTS,
    FAULTS_OF_ANY_DEVICE,
    ALLOWS_ANY_DEVICE
  }

  private final Fault fault;

  /** Found by {@link java.util.ServiceLoader}. */
  public SampleIommu() {
    this(Fault.NONE);
  }

  SampleIommu(Fault fault) {
    this.fault = fault;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TableFormat> variants() {
    return List.of(
        SampleFormats.named(NAME + "/one"),
        SampleFormats.named(NAME + "/two"),
        SampleFormats.withSmallGroups(NAME + "/small-groups"));
  }

  @Override
  public IommuUnit open(UnitParts parts) {
    StructureDescriptor table =
        parts
            .structures()
            .allocate("devices", SampleUnit.DEVICES * 8, 3, parts.node(), StructureDescriptor::new);
    try {
      CommandQueue queue =
          parts.queues().open("commands", SampleUnit.QUEUE_LG2, 16, new Ends(parts.registers()));
      parts.registers().write64(SampleUnit.QUEUE, queue.pa());
      parts.registers().write64(SampleUnit.TABLE, table.pa());
      return new Unit(parts, table, queue);
    } catch (RuntimeException e) {
      if (fault != Fault.KEEPS_TABLE_AT_FAILED_OPEN) {
        parts.structures().free(table);
      }
      throw e;
    }
  }

  private final class Ends implements QueueEnds {
    private final UnitRegisters registers;

    Ends(UnitRegisters registers) {
      this.registers = registers;
    }

    @Override
    public void publish(long produced) {
      registers.write32(SampleUnit.TAIL, produced & ((1 << SampleUnit.QUEUE_LG2) - 1));
    }

    @Override
    public int consumerIndex() {
      return (int) registers.read32(SampleUnit.HEAD);
    }

    @Override
    public @Nullable String stopped() {
      return registers.read32(SampleUnit.ERROR) == 0 ? null : "REFUSED";
    }

    @Override
    public void resume() {
      registers.write32(SampleUnit.ERROR, 0);
    }

    @Override
    public long[] forgetAll() {
      Command little =
          fault == Fault.FORGETS_LITTLE_INSTEAD ? Command.FORGET_DEVICE : Command.FORGET_ALL;
      return new long[] {little.ordinal(), 0};
    }
  }

  private final class Unit implements IommuUnit {
    private final UnitParts parts;
    private final StructureDescriptor table;
    private final CommandQueue queue;
    private int lastId;

    Unit(UnitParts parts, StructureDescriptor table, CommandQueue queue) {
      this.parts = parts;
      this.table = table;
      this.queue = queue;
    }

    @Override
    public List<TableFormat> formats() {
      return variants();
    }

    @Override
    public List<AddressRange> reserved(TableFormat format) {
      return List.of(RESERVED);
    }

    @Override
    public UnitDomain newDomain(TableFormat format, long rootPa) {
      lastId += fault == Fault.SAME_NUMBER ? 0 : 1;
      return new Domain(parts, table, queue, rootPa, lastId);
    }

    @Override
    public UnitDomain newNestedDomain(TableFormat format, long root, UnitDomain second) {
      if (!format.name().endsWith("/two")) {
        throw PageTableException.because(Reason.INCONSISTENT, "two nests").build();
      }
      return newDomain(format, root);
    }

    @Override
    public long takeFaults(Consumer<IommuFault> sink) {
      UnitRegisters registers = parts.registers();
      while (registers.read32(SampleUnit.FAULTS) > 0) {
        long info = registers.read64(SampleUnit.FAULT_INFO);
        boolean noContext = (info & SampleUnit.NO_CONTEXT) != 0;
        sink.accept(
            new IommuFault(
                fault == Fault.FAULTS_OF_ANY_DEVICE ? 0 : (int) (info & 0xFFFF),
                -1,
                registers.read64(SampleUnit.FAULT_IOVA),
                (info & SampleUnit.WRITE) != 0,
                noContext ? IommuFault.Kind.NO_DOMAIN : IommuFault.Kind.NOT_MAPPED,
                noContext ? 1 : 2,
                noContext ? "no context" : "not mapped"));
        registers.write32(SampleUnit.FAULTS, 1);
      }
      long lost = registers.read32(SampleUnit.LOST);
      registers.write32(SampleUnit.LOST, 0);
      return fault == Fault.SAYS_NOTHING_OF_LOST_FAULTS ? 0 : lost;
    }

    @Override
    public CommandQueue commands() {
      return queue;
    }

    @Override
    public void close() {
      queue.close();
      parts.structures().free(table);
    }
  }

  private final class Domain implements UnitDomain {
    private final UnitParts parts;
    private final StructureDescriptor table;
    private final CommandQueue queue;
    private final long rootPa;
    private final int id;
    private final Map<Integer, StructureDescriptor> contexts = new HashMap<>();

    Domain(UnitParts parts, StructureDescriptor table, CommandQueue queue, long rootPa, int id) {
      this.parts = parts;
      this.table = table;
      this.queue = queue;
      this.rootPa = rootPa;
      this.id = id;
    }

    @Override
    public int id() {
      return id;
    }

    private StructureDescriptor structure(String name) {
      return parts.structures().allocate(name, 64, 6, parts.node(), StructureDescriptor::new);
    }

    @Override
    public void attach(int device, int pasid) {
      if (device >= SampleUnit.DEVICES && fault != Fault.ALLOWS_ANY_DEVICE) {
        throw PageTableException.because(Reason.VA_OUTSIDE_FORMAT, "the unit has the device")
            .with("device", device)
            .build();
      }
      StructureDescriptor context = structure("context");
      if (fault == Fault.LEAKS_AT_FAILED_ATTACH) {
        // The second structure's size is another, so it needs a page.
        parts
            .structures()
            .free(
                parts
                    .structures()
                    .allocate("more", 2048, 6, parts.node(), StructureDescriptor::new));
      }
      parts.memory().storeRelease(context.pa(), rootPa);
      parts.memory().storeRelease(context.pa() + 8, id);
      parts.memory().storeRelease(item(device), context.pa());
      contexts.put(device, context);
    }

    private long item(int device) {
      return table.pa() + (device & (SampleUnit.DEVICES - 1)) * 8L;
    }

    @Override
    public void detach(int device, int pasid) {
      StructureDescriptor context = contexts.remove(device);
      if (context == null) {
        throw PageTableException.because(Reason.NOT_MAPPED, "a device is attached").build();
      }
      parts.memory().storeRelease(item(device), 0);
      if (fault != Fault.DETACHES_WITHOUT_WAITING) {
        queue.put(Command.FORGET_DEVICE.ordinal() | (long) device << 8, 0);
        complete();
      }
      parts.structures().free(context);
    }

    @Override
    public void invalidate(long first, long last, long leafSizes, boolean tables) {
      if (fault != Fault.NEVER_INVALIDATES) {
        queue.put(Command.FORGET_RANGE.ordinal() | (long) id << 8, first);
      }
    }

    @Override
    public void invalidateAll() {
      queue.put(Command.FORGET_DOMAIN.ordinal() | (long) id << 8, 0);
    }

    @Override
    public void complete() {
      if (fault == Fault.NEVER_WAITS) {
        queue.publish();
        return;
      }
      queue.put(Command.WAIT.ordinal(), 0);
      queue.drain();
    }

    @Override
    public void close() {
      for (Integer device : List.copyOf(contexts.keySet())) {
        detach(device, NO_PASID);
      }
      invalidateAll();
      complete();
    }
  }
}
