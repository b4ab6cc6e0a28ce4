package dev.memdesc.tck;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/** The formats of any backend, as those of a machine's processor that is never switched on. */
record FormatsOnly(FormatBackend backend) implements ArchBackend {
  /** The backend itself if it is a processor's. */
  static ArchBackend of(FormatBackend backend) {
    return backend instanceof ArchBackend arch ? arch : new FormatsOnly(backend);
  }

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
