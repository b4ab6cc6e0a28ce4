package dev.memdesc.tck.iommu;

/** The kit passes on a backend that conforms. */
final class SampleIommuTest extends IommuConformance {
  SampleIommuTest() {
    super(new SampleIommu());
  }
}
