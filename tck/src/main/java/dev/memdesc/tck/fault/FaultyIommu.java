package dev.memdesc.tck.fault;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.api.spi.IommuUnit;
import dev.memdesc.api.spi.UnitParts;
import java.util.List;

/** An IOMMU's backend on a heap that may be full. */
record FaultyIommu(IommuBackend backend, FaultInjector faults) implements IommuBackend {
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
  public IommuUnit open(UnitParts parts) {
    return backend.open(parts);
  }
}
