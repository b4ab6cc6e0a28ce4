package dev.memdesc.arch.s390;

import dev.memdesc.tck.BackendConformance;

/** Every variant against the conformance kit. */
final class S390ConformanceTest extends BackendConformance {
  S390ConformanceTest() {
    super(new S390Backend());
  }
}
