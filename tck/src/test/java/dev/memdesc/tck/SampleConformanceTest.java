package dev.memdesc.tck;

/** A backend that conforms passes all checks. */
final class SampleConformanceTest extends BackendConformance {
  SampleConformanceTest() {
    super(new SampleBackend());
  }
}
