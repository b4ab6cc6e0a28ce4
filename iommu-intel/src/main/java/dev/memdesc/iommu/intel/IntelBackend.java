package dev.memdesc.iommu.intel;

import com.google.auto.service.AutoService;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.api.spi.IommuUnit;
import dev.memdesc.api.spi.UnitParts;
import java.util.List;

/**
 * Intel's IOMMU as a backend: Intel VT-d architecture specification. Level 0 is the SS-PT, or the
 * FS-PT that a processor calls PT.
 */
@AutoService(IommuBackend.class)
public final class IntelBackend implements IommuBackend {
  /** Found by {@link java.util.ServiceLoader}. */
  public IntelBackend() {}

  @Override
  public String name() {
    return "intel";
  }

  @Override
  public List<TableFormat> variants() {
    return Formats.VARIANTS;
  }

  @Override
  public IommuUnit open(UnitParts parts) {
    return IntelUnit.open(parts);
  }
}
