package dev.memdesc.core.iommu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.memory.StructureMemory;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.api.spi.QueueEnds;
import dev.memdesc.api.spi.QueueFactory;
import java.time.Duration;

/**
 * Makes the queues of one unit.
 *
 * @param memory holds them
 * @param structures allocates that memory
 * @param node the NUMA node wanted
 * @param timeout how long a unit may take to consume what is in a queue
 */
public record RingQueues(
    HardwareMemory memory, StructureMemory structures, int node, Duration timeout)
    implements QueueFactory {
  private static final int SMALLEST_ENTRY_LG2 = 4;
  private static final int LARGEST_ENTRY_LG2 = 6;
  private static final int MOST_ENTRIES_LG2 = 19;

  @Override
  public CommandQueue open(String name, int entriesLg2, int entryBytes, QueueEnds ends) {
    int entryLg2 = Integer.numberOfTrailingZeros(entryBytes);
    if (entryBytes != 1 << entryLg2
        || entryLg2 < SMALLEST_ENTRY_LG2
        || entryLg2 > LARGEST_ENTRY_LG2
        || entriesLg2 < 1
        || entriesLg2 > MOST_ENTRIES_LG2) {
      throw PageTableException.because(
              Reason.INCONSISTENT, "a queue has 2 to 2^19 commands of 16, 32 or 64 bytes")
          .with("queue", name)
          .with("entriesLg2", entriesLg2)
          .with("entryBytes", entryBytes)
          .build();
    }
    int sizeLg2 = entriesLg2 + entryLg2;
    StructureDescriptor ring =
        structures.allocate(name, 1 << sizeLg2, sizeLg2, node, StructureDescriptor::new);
    return new RingQueue(
        name, memory, structures, ring, entriesLg2, entryBytes, ends, timeout.toNanos());
  }
}
