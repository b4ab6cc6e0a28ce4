package dev.memdesc.iommu.smmu;

import dev.memdesc.tck.iommu.IommuConformance;

/** The unit against the kit for units. */
final class SmmuUnitConformanceTest extends IommuConformance {
  SmmuUnitConformanceTest() {
    super(new SmmuBackend());
  }
}
