package dev.memdesc.core;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/** Another plugin with the same name. */
public final class RivalPluginBackend implements ArchBackend {
  /** Called by the service loader. */
  public RivalPluginBackend() {}

  @Override
  public String name() {
    return "plug";
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of();
  }

  @Override
  public List<TableFormat> variants() {
    return List.of(FakeBackend.format("plug/one"));
  }

  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    return List.of();
  }
}
