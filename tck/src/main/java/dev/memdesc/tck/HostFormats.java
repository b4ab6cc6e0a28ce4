package dev.memdesc.tck;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/**
 * A processor for a machine whose IOMMU is what matters: its only format is that of the IOMMU, with
 * another name, so that its frames are the IOMMU's.
 */
public record HostFormats(List<TableFormat> variants) implements ArchBackend {
  /** The backend's name. */
  public static final String NAME = "host";

  /** A processor with frames of this format. */
  public static HostFormats of(TableFormat format) {
    return new HostFormats(
        List.of(
            new TableFormat(
                NAME + "/frames",
                format.order(),
                format.frameLg2(),
                format.va(),
                format.paBits(),
                format.levels(),
                format.capabilities(),
                format.codec(),
                format.breakBits(),
                null)));
  }

  @Override
  public String name() {
    return NAME;
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
