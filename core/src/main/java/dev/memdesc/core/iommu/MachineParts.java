package dev.memdesc.core.iommu;

import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.MemoryWait;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.memory.TableMemoryPolicy;
import java.time.Duration;

/**
 * What the units of a machine share with it and with each other.
 *
 * @param memory holds tables, structures and queues
 * @param descriptors says what each frame is
 * @param allocator gives out its frames
 * @param nodes how many NUMA nodes there are
 * @param rcu keeps tables alive under readers
 * @param tables makes the table memory of each format
 * @param waitingBytes that may wait for grace periods before whoever frees tables pays
 * @param memoryWait what an operation does that finds no memory
 * @param timeout how long a unit may take to answer
 */
public record MachineParts(
    PhysicalMemory memory,
    DescriptorMap descriptors,
    PageAllocator allocator,
    int nodes,
    Rcu rcu,
    TableMemoryPolicy tables,
    long waitingBytes,
    MemoryWait memoryWait,
    Duration timeout) {}
