package dev.memdesc.tck.fault;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/** The formats of any backend, on a heap that may be full. */
record FaultyArch(FormatBackend backend, FaultInjector faults) implements ArchBackend {
  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public List<TableFormat> variants() {
    return backend.variants();
  }

  @Override
  public TableDescriptor newTableDescriptor() {
    faults.pass(FaultPoint.DESCRIPTOR);
    return backend.newTableDescriptor();
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of();
  }

  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    return List.of();
  }
}
