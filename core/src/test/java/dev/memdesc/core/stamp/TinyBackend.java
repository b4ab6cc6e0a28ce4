package dev.memdesc.core.stamp;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/** A backend of one tiny format. */
public record TinyBackend(TableFormat format) implements ArchBackend {
  @Override
  public String name() {
    return "tiny";
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of();
  }

  @Override
  public List<TableFormat> variants() {
    return List.of(format);
  }

  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    return List.of(new RegisterValue("ROOT", rootPa));
  }
}
