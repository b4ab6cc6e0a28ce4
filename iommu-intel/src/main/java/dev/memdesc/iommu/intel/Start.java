package dev.memdesc.iommu.intel;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.UnitParts;
import dev.memdesc.api.spi.UnitRegisters;
import java.util.ArrayList;
import java.util.List;

/**
 * Switches a unit on and off: VT-d 6.5.2 for the queue, 6.6 "Set Root Table Pointer Operation". The
 * queue first, then the root table, then everything is forgotten that was cached before, then
 * translation.
 */
final class Start {
  /** One page: what every unit can have, and small enough that it wraps often. */
  private static final int QUEUE_BYTES_LG2 = Registers.IQA_PAGE_LG2;

  private static final int ENTRY_LG2 = 4;
  private static final int WIDE_ENTRY_LG2 = 5;
  private static final int STATUS_LG2 = 3;

  private final Control control;
  private final long drain;
  private final List<Runnable> undo = new ArrayList<>();
  // Of the steps in undo: waits until the queue is empty.
  private final Runnable quiesce = this::quiesce;
  private final ContextTables contexts;
  private final CommandQueue queue;
  private final Waiter waiter;

  private Start(UnitParts parts, Capabilities unit) {
    this.control = new Control(parts.registers());
    this.drain =
        (unit.drainsReads() ? Descriptors.DR : 0) | (unit.drainsWrites() ? Descriptors.DW : 0);
    boolean scalable = unit.scalable();
    int entryLg2 = scalable ? WIDE_ENTRY_LG2 : ENTRY_LG2;
    int entriesLg2 = QUEUE_BYTES_LG2 - entryLg2;
    try {
      this.contexts = scalable ? new ScalableContexts(parts, unit) : new LegacyContexts(parts);
      undo.add(contexts::close);
      StructureDescriptor status =
          parts
              .structures()
              .allocate(
                  "invalidation status",
                  Long.BYTES,
                  STATUS_LG2,
                  parts.node(),
                  StructureDescriptor::new);
      undo.add(() -> parts.structures().free(status));
      UnitRegisters registers = parts.registers();
      this.queue =
          parts
              .queues()
              .open(
                  "invalidation queue",
                  entriesLg2,
                  1 << entryLg2,
                  new QueueRegisters(registers, entriesLg2, entryLg2, drain));
      undo.add(queue::close);
      this.waiter = new Waiter(parts.memory(), queue, status.pa(), scalable, drain);

      undo.add(() -> control.clear(Registers.GCMD_QIE));
      registers.write64(Registers.IQT, 0);
      registers.write64(Registers.IQA, queue.pa() | (scalable ? Registers.IQA_DW : 0));
      control.set(Registers.GCMD_QIE);
      // A queue may be switched off when all in it is done and a wait was last.
      undo.add(quiesce);
      registers.write64(Registers.RTADDR, contexts.register());
      control.set(Registers.GCMD_SRTP);
      waiter.forgetEverything();
      waiter.complete();
      undo.add(() -> control.clear(Registers.GCMD_TE));
      control.set(Registers.GCMD_TE);
    } catch (RuntimeException | Error e) {
      undoAfter(e);
      throw e;
    }
  }

  /**
   * Switches a unit on.
   *
   * @throws PageTableException with {@link Reason#TOOL} if somebody else uses it or it does not
   *     answer, {@link Reason#OUT_OF_MEMORY}; nothing changed
   */
  static Start enable(UnitParts parts, Capabilities unit) {
    Control control = new Control(parts.registers());
    if (control.is(Registers.GCMD_TE) || control.is(Registers.GCMD_QIE)) {
      throw PageTableException.because(Reason.TOOL, "a unit that is taken into use is off")
          .hex("GSTS", parts.registers().read32(Registers.GSTS))
          .build();
    }
    return new Start(parts, unit);
  }

  private void quiesce() {
    waiter.complete();
  }

  /**
   * A queue that the unit does not work off is switched off all the same: when the unit says that
   * it is, it fetches no more, and whoever tries again finds it as it was.
   */
  private void undoAfter(Throwable failure) {
    for (Runnable step : undo.reversed()) {
      try {
        step.run();
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
        if (!step.equals(quiesce)) {
          // What the unit may still use is not freed: it stays allocated, which does no harm.
          break;
        }
      }
    }
  }

  /** Switches the unit off and frees its structures. Throws with {@link Reason#TOOL}. */
  void disable() {
    while (!undo.isEmpty()) {
      undo.getLast().run();
      undo.removeLast();
    }
  }

  ContextTables contexts() {
    return contexts;
  }

  CommandQueue queue() {
    return queue;
  }

  Waiter waiter() {
    return waiter;
  }

  /** The bits of IOTLB commands with which they wait for requests under way. */
  long drain() {
    return drain;
  }
}
