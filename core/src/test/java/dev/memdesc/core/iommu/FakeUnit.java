package dev.memdesc.core.iommu;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.api.spi.IommuUnit;
import dev.memdesc.api.spi.QueueEnds;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.api.spi.UnitParts;
import dev.memdesc.api.spi.UnitRegisters;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The smallest backend and unit: commands of two words, the first of which is an opcode; a context
 * of 64 bytes for each device. The unit is the registers: it consumes when the tail is written.
 */
final class FakeUnit implements IommuBackend, UnitRegisters {
  static final long FORGET_RANGE = 1;
  static final long FORGET_ALL = 2;
  static final long WAIT = 3;
  static final int QUEUE_LG2 = 3;
  static final int TAIL = 0;
  static final int HEAD = 4;
  static final int DEVICES = 16;

  final List<String> log = new ArrayList<>();
  final List<IommuFault> faults = new ArrayList<>();
  final Set<String> inUse = new HashSet<>();
  private final List<TableFormat> formats;
  private final List<AddressRange> reserved;
  private @Nullable HardwareMemory memory;
  private @Nullable CommandQueue queue;
  long head;
  long tail;
  boolean dead;
  boolean logs = true;
  boolean failsToOpen;

  /** Called when a domain is about to end. */
  Runnable whenADomainEnds = () -> {};

  int refuse;
  private @Nullable String stopped;

  FakeUnit(List<AddressRange> reserved, TableFormat... formats) {
    this.formats = List.of(formats);
    this.reserved = reserved;
  }

  @Override
  public String name() {
    return "fake-unit";
  }

  @Override
  public List<TableFormat> variants() {
    return formats;
  }

  @Override
  public IommuUnit open(UnitParts parts) {
    this.memory = parts.memory();
    StructureDescriptor root =
        parts.structures().allocate("root", 4096, 12, parts.node(), StructureDescriptor::new);
    if (failsToOpen) {
      parts.structures().free(root);
      throw PageTableException.because(Reason.TOOL, "a unit answers").build();
    }
    CommandQueue commands = parts.queues().open("commands", QUEUE_LG2, 16, new Ends());
    this.queue = commands;
    return new Unit(parts, root, commands);
  }

  // The unit's side.

  @Override
  public long read32(int offset) {
    return offset == HEAD ? head : tail;
  }

  @Override
  public long read64(int offset) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write64(int offset, long value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write32(int offset, long value) {
    tail = value;
    consume();
  }

  void consume() {
    HardwareMemory ram = Objects.requireNonNull(memory);
    CommandQueue ring = Objects.requireNonNull(queue);
    while (!dead && stopped == null && head != tail) {
      long at = ring.pa() + head * 16;
      long opcode = ram.loadAcquire(at);
      if (refuse > 0) {
        refuse--;
        stopped = "ILLEGAL";
        return;
      }
      if (logs) {
        log.add(opcode + ":" + Long.toHexString(ram.loadAcquire(at + 8)));
      }
      head = (head + 1) & ((1 << QUEUE_LG2) - 1);
    }
  }

  private final class Ends implements QueueEnds {
    @Override
    public void publish(long produced) {
      write32(TAIL, produced & ((1 << QUEUE_LG2) - 1));
    }

    @Override
    public int consumerIndex() {
      consume();
      return (int) read32(HEAD);
    }

    @Override
    public @Nullable String stopped() {
      return stopped;
    }

    @Override
    public void resume() {
      stopped = null;
      consume();
    }

    @Override
    public long[] forgetAll() {
      return new long[] {FORGET_ALL, 0xa11};
    }
  }

  // The backend's side.

  private final class Unit implements IommuUnit {
    private final UnitParts parts;
    private final StructureDescriptor root;
    private final CommandQueue commands;
    private int lastId;

    Unit(UnitParts parts, StructureDescriptor root, CommandQueue commands) {
      this.parts = parts;
      this.root = root;
      this.commands = commands;
    }

    @Override
    public List<TableFormat> formats() {
      return formats;
    }

    @Override
    public List<AddressRange> reserved(TableFormat format) {
      return reserved;
    }

    @Override
    public UnitDomain newDomain(TableFormat format, long rootPa) {
      if (lastId == 100) {
        throw PageTableException.because(Reason.OUT_OF_MEMORY, "a number is left").build();
      }
      return new Domain(parts, commands, ++lastId);
    }

    @Override
    public UnitDomain newNestedDomain(TableFormat format, long root, UnitDomain second) {
      return newDomain(format, root);
    }

    @Override
    public long takeFaults(Consumer<IommuFault> sink) {
      faults.forEach(sink);
      faults.clear();
      return 7;
    }

    @Override
    public CommandQueue commands() {
      return commands;
    }

    @Override
    public void close() {
      commands.close();
      parts.structures().free(root);
    }
  }

  private final class Domain implements UnitDomain {
    private final UnitParts parts;
    private final CommandQueue commands;
    private final int id;
    private final List<StructureDescriptor> contexts = new ArrayList<>();
    private final List<String> devices = new ArrayList<>();

    Domain(UnitParts parts, CommandQueue commands, int id) {
      this.parts = parts;
      this.commands = commands;
      this.id = id;
    }

    @Override
    public int id() {
      return id;
    }

    @Override
    public void attach(int device, int pasid) {
      if (device >= DEVICES) {
        throw PageTableException.because(Reason.VA_OUTSIDE_FORMAT, "a device exists").build();
      }
      contexts.add(
          parts.structures().allocate("context", 64, 6, parts.node(), StructureDescriptor::new));
      devices.add(device + "." + pasid);
      inUse.add(device + "." + pasid);
    }

    @Override
    public void detach(int device, int pasid) {
      devices.remove(device + "." + pasid);
      inUse.remove(device + "." + pasid);
      parts.structures().free(contexts.removeLast());
    }

    @Override
    public void invalidate(long first, long last, long leafSizes, boolean tables) {
      commands.put(FORGET_RANGE, first);
    }

    @Override
    public void invalidateAll() {
      commands.put(FORGET_ALL, id);
    }

    @Override
    public void complete() {
      commands.put(WAIT, id);
      commands.drain();
    }

    @Override
    public void close() {
      whenADomainEnds.run();
      invalidateAll();
      complete();
      contexts.forEach(parts.structures()::free);
      contexts.clear();
      inUse.removeAll(devices);
    }
  }
}
