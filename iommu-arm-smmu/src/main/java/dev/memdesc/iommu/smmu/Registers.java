package dev.memdesc.iommu.smmu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SpinWait;
import dev.memdesc.api.spi.UnitRegisters;
import java.util.concurrent.TimeUnit;

/** The registers, by their offset: IHI 0070 section 6.1 "Memory map". */
final class Registers {
  static final int IDR0 = 0x00;
  static final int IDR1 = 0x04;
  static final int IDR3 = 0x0C;
  static final int IDR5 = 0x14;
  static final int CR0 = 0x20;
  static final int CR0ACK = 0x24;
  static final int CR1 = 0x28;
  static final int CR2 = 0x2C;
  static final int GERROR = 0x60;
  static final int GERRORN = 0x64;
  static final int STRTAB_BASE = 0x80;
  static final int STRTAB_BASE_CFG = 0x88;
  static final int CMDQ_BASE = 0x90;
  static final int CMDQ_PROD = 0x98;
  static final int CMDQ_CONS = 0x9C;
  static final int EVENTQ_BASE = 0xA0;

  /** In the second page. */
  static final int EVENTQ_PROD = 0x100A8;

  static final int EVENTQ_CONS = 0x100AC;

  /** SMMU_CR0. */
  static final long SMMUEN = 1;

  static final long EVENTQEN = 1 << 2;
  static final long CMDQEN = 1 << 3;

  /** SMMU_CR1: tables and queues are write-back, inner shareable. */
  static final long CR1_CACHED = 0xD75;

  /** SMMU_GERROR and SMMU_GERRORN: an error is active while they differ. */
  static final long CMDQ_ERR = 1;

  static final long EVENTQ_ABT_ERR = 1 << 2;

  /** SMMU_STRTAB_BASE, SMMU_CMDQ_BASE and SMMU_EVENTQ_BASE: allocate in caches. */
  static final long ALLOCATE = 1L << 62;

  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private Registers() {}

  /**
   * Switches parts of the unit on and off, and returns when it has.
   *
   * @throws PageTableException with {@link Reason#TOOL} if it does not
   */
  static void control(UnitRegisters registers, long cr0) {
    registers.write32(CR0, cr0);
    long begin = System.nanoTime();
    for (int tries = 0; registers.read32(CR0ACK) != cr0; tries++) {
      if (System.nanoTime() - begin > TIMEOUT_NANOS) {
        throw PageTableException.because(Reason.TOOL, "a unit acknowledges SMMU_CR0")
            .with("CR0", "0x" + Long.toHexString(cr0))
            .with("CR0ACK", "0x" + Long.toHexString(registers.read32(CR0ACK)))
            .build();
      }
      SpinWait.pause(tries);
    }
  }
}
