package dev.memdesc.api.spi;

import dev.memdesc.api.memory.StructureMemory;

/**
 * What an IOMMU backend works with.
 *
 * @param memory holds what the unit reads and writes
 * @param structures allocates that memory
 * @param registers of the unit
 * @param queues makes command queues
 * @param node the NUMA node wanted for the structures, or {@link
 *     dev.memdesc.api.memory.PageAllocator#ANY_NODE}
 */
public record UnitParts(
    HardwareMemory memory,
    StructureMemory structures,
    UnitRegisters registers,
    QueueFactory queues,
    int node) {}
