package dev.memdesc.arch.x86;

import dev.memdesc.tck.BackendConformance;

/** Every variant against the conformance kit. */
final class X86ConformanceTest extends BackendConformance {
  X86ConformanceTest() {
    super(new X86Backend());
  }
}
