package dev.memdesc.iommu.intel;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SpinWait;
import dev.memdesc.api.spi.UnitRegisters;

/**
 * What a unit is told to be: VT-d 11.4.4 "Global Command Register". The register is a state, so
 * each command repeats what shall stay, and one bit changes at a time.
 */
final class Control {
  private static final long MOST_NANOS = 5_000_000_000L;
  private static final long PARK_NANOS = 10_000;

  private final UnitRegisters registers;

  Control(UnitRegisters registers) {
    this.registers = registers;
  }

  /** Whether the unit says that a bit is set. */
  boolean is(long bit) {
    return (registers.read32(Registers.GSTS) & bit) != 0;
  }

  /**
   * Sets a bit, and waits until the unit says so.
   *
   * @throws PageTableException with {@link Reason#TOOL} if it does not within 5 seconds
   */
  void set(long bit) {
    command(bit, state() | bit, bit);
  }

  /** Clears a bit. Throws as {@link #set}. */
  void clear(long bit) {
    command(bit, state() & ~bit, 0);
  }

  private long state() {
    return registers.read32(Registers.GSTS) & Registers.GSTS_STATE;
  }

  private void command(long bit, long value, long wanted) {
    registers.write32(Registers.GCMD, value);
    long begin = System.nanoTime();
    while ((registers.read32(Registers.GSTS) & bit) != wanted) {
      if (System.nanoTime() - begin > MOST_NANOS) {
        throw PageTableException.because(Reason.TOOL, "a unit follows a global command")
            .hex("bit", bit)
            .hex("GSTS", registers.read32(Registers.GSTS))
            .build();
      }
      SpinWait.park(PARK_NANOS);
    }
  }
}
