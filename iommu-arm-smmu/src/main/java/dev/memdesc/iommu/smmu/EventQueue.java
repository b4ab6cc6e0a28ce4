package dev.memdesc.iommu.smmu;

import dev.memdesc.api.IommuFault;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.spi.UnitParts;
import dev.memdesc.api.spi.UnitRegisters;
import java.util.function.Consumer;

/**
 * Where the unit records what it refused: IHI 0070 section 7.2 "Event queue". A unit that has no
 * room says so in the overflow flag of SMMU_EVENTQ_PROD, until the same flag is in
 * SMMU_EVENTQ_CONS; a write that went wrong is SMMU_GERROR.EVENTQ_ABT_ERR, as which QEMU reports
 * missing room too.
 */
final class EventQueue {
  /** A ring of one page of 4 KiB. */
  private static final int ENTRIES_LG2 = 7;

  private static final long OVERFLOW = 1L << 31;

  private final UnitParts parts;
  private final UnitRegisters registers;
  private final GlobalErrors errors;
  private final Words words;
  private final StructureDescriptor ring;
  private final int entriesLg2;
  private long consumed;

  /**
   * An empty queue that the unit does not know yet.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#OUT_OF_MEMORY}
   */
  EventQueue(UnitParts parts, Features features, GlobalErrors errors) {
    this.parts = parts;
    this.registers = parts.registers();
    this.errors = errors;
    this.words = new Words(parts.memory());
    this.entriesLg2 = Math.min(ENTRIES_LG2, features.maxEventsLg2());
    int lg2 = entriesLg2 + EventRecord.BYTES_LG2;
    this.ring =
        parts
            .structures()
            .allocate("event queue", 1 << lg2, lg2, parts.node(), StructureDescriptor::new);
  }

  /** SMMU_EVENTQ_BASE. */
  long base() {
    return Registers.ALLOCATE | ring.pa() | entriesLg2;
  }

  /**
   * Takes every record, oldest first.
   *
   * @return 1 if any were lost since the last call, else 0: the unit does not count them
   */
  synchronized long take(Consumer<IommuFault> sink) {
    long produced = registers.read32(Registers.EVENTQ_PROD);
    long wrap = (2L << entriesLg2) - 1;
    long lost = acknowledgeErrors();
    if (((produced ^ consumed) & OVERFLOW) != 0) {
      lost = 1;
      consumed ^= OVERFLOW;
    }
    while (((produced ^ consumed) & wrap) != 0) {
      EventRecord event = record(consumed & (1L << entriesLg2) - 1);
      consumed = (consumed & OVERFLOW) | ((consumed + 1) & wrap);
      registers.write32(Registers.EVENTQ_CONS, consumed);
      sink.accept(event.fault());
    }
    registers.write32(Registers.EVENTQ_CONS, consumed);
    return lost;
  }

  private long acknowledgeErrors() {
    if (!errors.isActive(Registers.EVENTQ_ABT_ERR)) {
      return 0;
    }
    errors.acknowledge(Registers.EVENTQ_ABT_ERR);
    return 1;
  }

  private EventRecord record(long index) {
    long pa = ring.pa() + (index << EventRecord.BYTES_LG2);
    return new EventRecord(
        words.load(pa), words.load(pa + 8), words.load(pa + 16), words.load(pa + 24));
  }

  /** Gives the memory back; the unit does not use the queue any more. */
  void free() {
    parts.structures().free(ring);
  }
}
