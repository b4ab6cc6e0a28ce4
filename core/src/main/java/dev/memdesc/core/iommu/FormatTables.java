package dev.memdesc.core.iommu;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.core.memory.TableMemoryParts;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableEngine;
import dev.memdesc.core.stamp.Stamps;
import java.util.function.Function;

/**
 * What the domains of one unit and format share. The stamped engine is held here, so that a unit
 * stamps a format once.
 *
 * @param format of the tables
 * @param memory makes them
 * @param engines makes an engine for a new root
 */
record FormatTables(
    TableFormat format, TableMemory memory, Function<EngineContext, TableEngine> engines) {
  static FormatTables of(TableFormat format, FormatBackend backend, MachineParts machine) {
    TableMemory memory =
        machine
            .tables()
            .create(
                new TableMemoryParts(
                    format,
                    machine.memory(),
                    machine.allocator(),
                    machine.descriptors(),
                    machine.nodes(),
                    machine.rcu(),
                    backend::newTableDescriptor,
                    machine.waitingBytes()));
    return new FormatTables(format, memory, Stamps.of(format, machine.memory()));
  }

  /** Bytes of tables, those that wait for a grace period too. */
  long bytes(int nodes) {
    long bytes = 0;
    for (int node = 0; node < nodes; node++) {
      bytes += memory.allocatedBytes(node);
    }
    return bytes;
  }
}
