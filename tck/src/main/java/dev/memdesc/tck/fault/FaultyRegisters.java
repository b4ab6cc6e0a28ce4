package dev.memdesc.tck.fault;

import dev.memdesc.api.spi.UnitRegisters;

/** The registers of a unit to which something happens before one is written. */
record FaultyRegisters(UnitRegisters unit, FaultInjector faults) implements UnitRegisters {
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
    faults.pass(FaultPoint.REGISTER);
    unit.write32(offset, value);
  }

  @Override
  public void write64(int offset, long value) {
    faults.pass(FaultPoint.REGISTER);
    unit.write64(offset, value);
  }
}
