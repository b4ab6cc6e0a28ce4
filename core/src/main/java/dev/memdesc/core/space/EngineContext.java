package dev.memdesc.core.space;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;
import org.jspecify.annotations.Nullable;

/**
 * What an engine works with.
 *
 * @param memory holds the words of the tables
 * @param descriptors finds a table's descriptor by its pa
 * @param tableMemory allocates and frees tables
 * @param owner whom the tables belong to and are counted with
 * @param node the NUMA node wanted for tables
 * @param grownFrom the root, one level lower, that becomes the first item of a new one; null if the
 *     engine begins with an empty root
 * @param writer which thread changes what tables the owner has
 */
public record EngineContext(
    HardwareMemory memory,
    DescriptorMap descriptors,
    TableMemory tableMemory,
    TableOwner owner,
    int node,
    @Nullable TableDescriptor grownFrom,
    SoleWriter writer) {
  /** For the first engine of an owner, which begins with an empty root. */
  public EngineContext(
      HardwareMemory memory,
      DescriptorMap descriptors,
      TableMemory tableMemory,
      TableOwner owner,
      int node) {
    this(memory, descriptors, tableMemory, owner, node, null, new SoleWriter());
  }
}
