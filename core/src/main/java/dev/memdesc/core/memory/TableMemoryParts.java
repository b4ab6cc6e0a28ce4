package dev.memdesc.core.memory;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;
import java.util.function.Supplier;

/**
 * What table memory is made from.
 *
 * @param format of the tables
 * @param memory holds them
 * @param allocator gives it frames
 * @param descriptors is where it puts a table's descriptor
 * @param nodes how many NUMA nodes the allocator has
 * @param rcu says when no walker can be inside a table any more
 * @param newDescriptor makes a descriptor when there is none to recycle
 * @param waitingBytes that may wait for grace periods before whoever frees tables pays
 */
public record TableMemoryParts(
    TableFormat format,
    HardwareMemory memory,
    PageAllocator allocator,
    DescriptorMap descriptors,
    int nodes,
    Rcu rcu,
    Supplier<TableDescriptor> newDescriptor,
    long waitingBytes) {
  private static final long MOST_WAITING_BYTES = 8L << 20;

  /** With the usual bound on what waits. */
  public TableMemoryParts(
      TableFormat format,
      HardwareMemory memory,
      PageAllocator allocator,
      DescriptorMap descriptors,
      int nodes,
      Rcu rcu,
      Supplier<TableDescriptor> newDescriptor) {
    this(
        format,
        memory,
        allocator,
        descriptors,
        nodes,
        rcu,
        newDescriptor,
        usualWaitingBytes(memory.bytes()));
  }

  /** The lesser of 8 MiB and an eighth of the memory. */
  public static long usualWaitingBytes(long memoryBytes) {
    return Math.min(MOST_WAITING_BYTES, memoryBytes / 8);
  }
}
