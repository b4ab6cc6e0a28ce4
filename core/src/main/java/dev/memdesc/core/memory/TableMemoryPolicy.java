package dev.memdesc.core.memory;

import dev.memdesc.api.memory.TableMemory;

/** Makes table memory: how tables share frames. A plugin may bind its own. */
@FunctionalInterface
public interface TableMemoryPolicy {
  /** New table memory over these parts. */
  TableMemory create(TableMemoryParts parts);
}
