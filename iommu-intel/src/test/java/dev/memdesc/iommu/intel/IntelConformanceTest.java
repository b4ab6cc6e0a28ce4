package dev.memdesc.iommu.intel;

import dev.memdesc.tck.BackendConformance;

/** Every variant against the conformance kit. */
final class IntelConformanceTest extends BackendConformance {
  IntelConformanceTest() {
    super(new IntelBackend());
  }
}
