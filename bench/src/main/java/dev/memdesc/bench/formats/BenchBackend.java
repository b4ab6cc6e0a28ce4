package dev.memdesc.bench.formats;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/** The benchmark's formats. Not a service: nobody but the benchmark finds them. */
public final class BenchBackend implements ArchBackend {
  static final String NAME = "bench";

  /** For {@link dev.memdesc.core.BackendRegistry#of}. */
  public BenchBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of();
  }

  @Override
  public List<TableFormat> variants() {
    return BenchFormats.VARIANTS;
  }

  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    return List.of(new RegisterValue("ROOT", rootPa));
  }
}
