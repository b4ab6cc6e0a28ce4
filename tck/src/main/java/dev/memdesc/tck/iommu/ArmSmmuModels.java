package dev.memdesc.tck.iommu;

import com.google.auto.service.AutoService;
import dev.memdesc.api.spi.HardwareMemory;

/** Models of SMMUv3. */
@AutoService(ModelUnits.class)
public final class ArmSmmuModels implements ModelUnits {
  /** Found by {@link java.util.ServiceLoader}. */
  public ArmSmmuModels() {}

  @Override
  public String backend() {
    return "arm-smmu";
  }

  @Override
  public ModelUnit create(HardwareMemory memory) {
    return new ArmSmmuModel(memory);
  }
}
