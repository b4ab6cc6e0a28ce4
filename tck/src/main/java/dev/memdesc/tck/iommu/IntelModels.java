package dev.memdesc.tck.iommu;

import com.google.auto.service.AutoService;
import dev.memdesc.api.spi.HardwareMemory;

/** VT-d's model. */
@AutoService(ModelUnits.class)
public final class IntelModels implements ModelUnits {
  /** Found by {@link java.util.ServiceLoader}. */
  public IntelModels() {}

  @Override
  public String backend() {
    return "intel";
  }

  @Override
  public ModelUnit create(HardwareMemory memory) {
    return IntelModel.scalable(memory);
  }
}
