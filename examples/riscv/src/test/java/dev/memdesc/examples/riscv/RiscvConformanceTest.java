package dev.memdesc.examples.riscv;

import dev.memdesc.tck.BackendConformance;

/** Every variant of the jar against the conformance kit. */
final class RiscvConformanceTest extends BackendConformance {
  RiscvConformanceTest() {
    super(Plugin.backend());
  }
}
