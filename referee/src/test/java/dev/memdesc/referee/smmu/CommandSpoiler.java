package dev.memdesc.referee.smmu;

import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.api.spi.UnitRegisters;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Changes commands after they were put and before the unit sees them: faults to be noticed. */
final class CommandSpoiler implements UnaryOperator<UnitRegisters> {
  static final int ASID_SHIFT = 48;

  private static final int CMDQ_BASE = 0x90;
  private static final int CMDQ_PROD = 0x98;
  private static final long ADDRESS = 0x000F_FFFF_FFFF_FFE0L;

  private @Nullable HardwareMemory memory;
  private LongUnaryOperator change = command -> command;
  private long seen;

  /** Where the commands are. */
  void use(HardwareMemory machine) {
    memory = machine;
  }

  /** What happens to the first word of every command from now on. */
  void spoil(LongUnaryOperator newChange) {
    change = newChange;
  }

  @Override
  public UnitRegisters apply(UnitRegisters unit) {
    return new UnitRegisters() {
      private long base;

      @Override
      public long read32(int offset) {
        return unit.read32(offset);
      }

      @Override
      public long read64(int offset) {
        return unit.read64(offset);
      }

      @Override
      public void write32(int offset, long value) {
        if (offset == CMDQ_PROD) {
          spoil(base, value);
        }
        unit.write32(offset, value);
      }

      @Override
      public void write64(int offset, long value) {
        if (offset == CMDQ_BASE) {
          base = value;
        }
        unit.write64(offset, value);
      }
    };
  }

  private void spoil(long base, long produced) {
    HardwareMemory machine = memory;
    long lg2 = base & 0x1F;
    if (machine != null) {
      for (; seen != produced; seen = (seen + 1) & (2L << lg2) - 1) {
        long at = (base & ADDRESS) + ((seen & (1L << lg2) - 1) << 4);
        machine.storeRelease(at, change.applyAsLong(machine.loadAcquire(at)));
      }
    }
    seen = produced;
  }
}
