package dev.memdesc.iommu.smmu;

import dev.memdesc.api.spi.UnitRegisters;

/**
 * What the unit reports once for all: IHI 0070 section 6.3.20 "SMMU_GERROR". An error is active
 * while its bit differs in SMMU_GERRORN, which software alone writes. Safe for any number of
 * threads.
 */
final class GlobalErrors {
  private final UnitRegisters registers;
  private long acknowledged;

  GlobalErrors(UnitRegisters registers) {
    this.registers = registers;
  }

  /** Acknowledges everything that was reported before the unit was taken into use. */
  synchronized void acknowledgeAll() {
    acknowledged = registers.read32(Registers.GERROR);
    registers.write32(Registers.GERRORN, acknowledged);
  }

  /** Whether an error is active. */
  synchronized boolean isActive(long bit) {
    return ((registers.read32(Registers.GERROR) ^ acknowledged) & bit) != 0;
  }

  /** The unit goes on after an active error. */
  synchronized void acknowledge(long bit) {
    acknowledged ^= bit;
    registers.write32(Registers.GERRORN, acknowledged);
  }
}
