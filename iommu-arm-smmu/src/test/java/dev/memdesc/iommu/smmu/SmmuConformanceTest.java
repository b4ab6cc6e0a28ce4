package dev.memdesc.iommu.smmu;

import dev.memdesc.tck.BackendConformance;

/** Every variant against the conformance kit. */
final class SmmuConformanceTest extends BackendConformance {
  SmmuConformanceTest() {
    super(new SmmuBackend());
  }
}
