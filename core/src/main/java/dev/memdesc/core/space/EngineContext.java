package dev.memdesc.core.space;

import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;

/**
 * What an engine works with.
 *
 * @param memory holds the words of the tables
 * @param descriptors finds a table's descriptor by its pa
 * @param tableMemory allocates and frees tables
 * @param owner whom the tables belong to and are counted with
 * @param node the NUMA node wanted for tables
 */
public record EngineContext(
    HardwareMemory memory,
    DescriptorMap descriptors,
    TableMemory tableMemory,
    TableOwner owner,
    int node) {}
