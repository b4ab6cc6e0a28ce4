package dev.memdesc.iommu.smmu;

import com.google.auto.service.AutoService;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.api.spi.IommuUnit;
import dev.memdesc.api.spi.UnitParts;
import java.util.List;

/**
 * Arm SMMUv3 as a backend. Page tables are at {@link SmmuFormats}, structures at {@link
 * StreamTableEntry} and {@link ContextDescriptor}, commands at {@link Command}, events at {@link
 * EventRecord}; {@link SmmuUnit} puts them together.
 */
@AutoService(IommuBackend.class)
public final class SmmuBackend implements IommuBackend {
  /** Found by {@link java.util.ServiceLoader}. */
  public SmmuBackend() {}

  @Override
  public String name() {
    return SmmuFormats.NAME;
  }

  @Override
  public List<TableFormat> variants() {
    return SmmuFormats.VARIANTS;
  }

  @Override
  public IommuUnit open(UnitParts parts) {
    return SmmuUnit.open(parts);
  }
}
