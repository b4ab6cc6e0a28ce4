package dev.memdesc.arch.powerpc;

import dev.memdesc.tck.BackendConformance;

/** Every variant against the conformance kit. */
final class PowerPcConformanceTest extends BackendConformance {
  PowerPcConformanceTest() {
    super(new PowerPcBackend());
  }
}
