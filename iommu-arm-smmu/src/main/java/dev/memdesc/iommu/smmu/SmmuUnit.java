package dev.memdesc.iommu.smmu;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.IommuUnit;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.api.spi.UnitParts;
import dev.memdesc.api.spi.UnitRegisters;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One SMMUv3, non-secure: IHI 0070 section 3.11 "Reset, Enable and initialization". An ASID or VMID
 * belongs to one domain at a time, and goes to the next only after the unit forgot what it tagged:
 * the unit's caches know nothing else to tell domains apart by.
 */
final class SmmuUnit implements IommuUnit {
  private final UnitRegisters registers;
  private final Features features;
  private final List<TableFormat> formats;
  private final StreamTable streams;
  private final CommandStream commands;
  private final EventQueue events;
  private final Streams devices;
  private final NumberPool asids;
  private final NumberPool vmids;

  private SmmuUnit(
      UnitParts parts,
      Features features,
      StreamTable streams,
      CommandStream commands,
      EventQueue events) {
    this.registers = parts.registers();
    this.features = features;
    this.formats = features.offered(SmmuFormats.VARIANTS);
    this.streams = streams;
    this.commands = commands;
    this.events = events;
    this.devices = new Streams(parts, features, streams, commands);
    this.asids = new NumberPool("ASID", features.asidBits());
    this.vmids = new NumberPool("VMID", features.vmidBits());
  }

  /** As {@link dev.memdesc.api.spi.IommuBackend#open}. */
  static SmmuUnit open(UnitParts parts) {
    Features features = Features.read(parts.registers());
    GlobalErrors errors = new GlobalErrors(parts.registers());
    StreamTable streams = null;
    CommandStream commands = null;
    EventQueue events = null;
    boolean idle = true;
    boolean opened = false;
    try {
      streams = new StreamTable(parts, features);
      commands = new CommandStream(parts, features, errors);
      events = new EventQueue(parts, features, errors);
      SmmuUnit unit = new SmmuUnit(parts, features, streams, commands, events);
      idle = false;
      try {
        unit.start(errors);
      } catch (RuntimeException | Error e) {
        idle = isStopped(parts.registers(), e);
        throw e;
      }
      opened = true;
      return unit;
    } finally {
      // A unit that may still read and write its memory keeps it.
      if (!opened && idle) {
        free(streams, commands, events);
      }
    }
  }

  /** Stops a unit that did not start; whether it says that it has. */
  private static boolean isStopped(UnitRegisters registers, Throwable cause) {
    try {
      Registers.control(registers, 0);
      return true;
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
      return false;
    }
  }

  /** From a unit in any state to one that translates: each step when the one before is done. */
  private void start(GlobalErrors errors) {
    Registers.control(registers, 0);
    registers.write32(Registers.CR1, Registers.CR1_CACHED);
    registers.write32(Registers.CR2, 0);
    registers.write64(Registers.STRTAB_BASE, streams.base());
    registers.write32(Registers.STRTAB_BASE_CFG, streams.config());
    registers.write64(Registers.CMDQ_BASE, commands.base());
    registers.write32(Registers.CMDQ_PROD, 0);
    registers.write32(Registers.CMDQ_CONS, 0);
    errors.acknowledgeAll();
    Registers.control(registers, Registers.CMDQEN);
    commands.put(Command.cfgiAll());
    commands.put(Command.tlbiNsnhAll());
    commands.sync();
    registers.write64(Registers.EVENTQ_BASE, events.base());
    registers.write32(Registers.EVENTQ_PROD, 0);
    registers.write32(Registers.EVENTQ_CONS, 0);
    Registers.control(registers, Registers.CMDQEN | Registers.EVENTQEN);
    Registers.control(registers, Registers.CMDQEN | Registers.EVENTQEN | Registers.SMMUEN);
  }

  @Override
  public List<TableFormat> formats() {
    return formats;
  }

  /** With the access flag: without HTTU, which is not used, a device's request would fault. */
  @Override
  public Attributes forDevices(TableFormat format, Attributes attributes) {
    return attributes.with(Access.ACCESSED);
  }

  /** None: an interrupt's address is translated like any other. */
  @Override
  public List<AddressRange> reserved(TableFormat format) {
    return List.of();
  }

  @Override
  public UnitDomain newDomain(TableFormat format, long rootPa) {
    requireOffered(format);
    if (SmmuFormats.isStageTwo(format)) {
      return new StageTwoDomain(devices, commands, features, vmids, format, rootPa);
    }
    return new StageOneDomain(devices, commands, features, asids, format, rootPa, null);
  }

  @Override
  public UnitDomain newNestedDomain(TableFormat format, long root, UnitDomain second) {
    requireOffered(format);
    if (!features.nests()
        || SmmuFormats.isStageTwo(format)
        || !(second instanceof StageTwoDomain below)
        || !below.isOf(devices)) {
      throw PageTableException.because(
              Reason.INCONSISTENT, "a stage 1 of a unit is nested in a stage 2 of the same unit")
          .with("format", format)
          .with("nests", features.nests())
          .build();
    }
    return new StageOneDomain(devices, commands, features, asids, format, root, below);
  }

  private void requireOffered(TableFormat format) {
    if (!formats.contains(format)) {
      throw PageTableException.because(
              Reason.INCONSISTENT, "a domain has a format that the unit offers")
          .with("format", format)
          .with("offered", formats)
          .build();
    }
  }

  @Override
  public long takeFaults(Consumer<IommuFault> sink) {
    return events.take(fault -> sink.accept(devices.known(fault)));
  }

  @Override
  public CommandQueue commands() {
    return commands.queue();
  }

  @Override
  public void close() {
    devices.requireNone();
    Registers.control(registers, 0);
    devices.free();
    free(streams, commands, events);
  }

  private static void free(
      @Nullable StreamTable streams,
      @Nullable CommandStream commands,
      @Nullable EventQueue events) {
    if (events != null) {
      events.free();
    }
    if (commands != null) {
      commands.free();
    }
    if (streams != null) {
      streams.free();
    }
  }
}
