package dev.memdesc.referee.smmu;

import dev.memdesc.api.spi.UnitRegisters;

/** The same unit, which says of itself that it can do less. */
record SmallerUnit(UnitRegisters unit) implements UnitRegisters {
  private static final int IDR0 = 0x00;
  private static final int IDR1 = 0x04;
  private static final int IDR3 = 0x0C;
  private static final long ST_LVL = 3L << 27;
  private static final long SIDSIZE = 0x3F;
  private static final long NINE_BITS = 9;
  private static final long CMDQS = 0x1F << 21;
  private static final long EIGHT_COMMANDS = 3 << 21;
  private static final long RIL = 1 << 10;

  @Override
  public long read32(int offset) {
    long value = unit.read32(offset);
    return switch (offset) {
      case IDR0 -> value & ~ST_LVL;
      case IDR1 -> (value & ~(SIDSIZE | CMDQS)) | NINE_BITS | EIGHT_COMMANDS;
      case IDR3 -> value & ~RIL;
      default -> value;
    };
  }

  @Override
  public long read64(int offset) {
    return unit.read64(offset);
  }

  @Override
  public void write32(int offset, long value) {
    unit.write32(offset, value);
  }

  @Override
  public void write64(int offset, long value) {
    unit.write64(offset, value);
  }
}
