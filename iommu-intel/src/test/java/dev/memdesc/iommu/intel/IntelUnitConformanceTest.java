package dev.memdesc.iommu.intel;

import dev.memdesc.tck.iommu.IommuConformance;

/** The unit, on the model of its name, against the kit for units. */
final class IntelUnitConformanceTest extends IommuConformance {
  IntelUnitConformanceTest() {
    super(new IntelBackend());
  }
}
