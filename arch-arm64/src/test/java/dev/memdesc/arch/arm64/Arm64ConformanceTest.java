package dev.memdesc.arch.arm64;

import dev.memdesc.tck.BackendConformance;

/** Every variant against the conformance kit. */
final class Arm64ConformanceTest extends BackendConformance {
  Arm64ConformanceTest() {
    super(new Arm64Backend());
  }
}
