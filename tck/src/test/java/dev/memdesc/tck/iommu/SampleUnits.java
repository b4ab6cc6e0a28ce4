package dev.memdesc.tck.iommu;

import dev.memdesc.api.spi.HardwareMemory;

/** Makes the sample units. */
public final class SampleUnits implements ModelUnits {
  /** Found by {@link java.util.ServiceLoader}. */
  public SampleUnits() {}

  @Override
  public String backend() {
    return SampleIommu.NAME;
  }

  @Override
  public ModelUnit create(HardwareMemory memory) {
    return new SampleUnit(memory);
  }
}
