package dev.memdesc.tck.iommu;

import dev.memdesc.tck.BackendConformance;

/** An IOMMU's formats pass what a processor's do. */
final class SampleIommuFormatsTest extends BackendConformance {
  SampleIommuFormatsTest() {
    super(new SampleIommu());
  }
}
