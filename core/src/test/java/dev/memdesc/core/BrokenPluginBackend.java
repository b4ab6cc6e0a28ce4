package dev.memdesc.core;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/** A plugin that cannot be constructed. */
public final class BrokenPluginBackend implements ArchBackend {
  /** Called by the service loader. */
  public BrokenPluginBackend() {
    throw new IllegalStateException("no such processor");
  }

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
