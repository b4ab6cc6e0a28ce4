package dev.memdesc.referee.qtest;

import dev.memdesc.api.spi.UnitRegisters;

/** The registers of a unit in QEMU. When a write returns, the unit has acted on it. */
public final class QtestRegisters implements UnitRegisters {
  private final QtestSocket socket;
  private final long base;

  /**
   * The registers of one unit.
   *
   * @param base the pa of its first register
   */
  public QtestRegisters(QtestSocket socket, long base) {
    this.socket = socket;
    this.base = base;
  }

  @Override
  public long read32(int offset) {
    return socket.readl(base + offset);
  }

  @Override
  public long read64(int offset) {
    return socket.readq(base + offset);
  }

  @Override
  public void write32(int offset, long value) {
    socket.writel(base + offset, value);
  }

  @Override
  public void write64(int offset, long value) {
    socket.writeq(base + offset, value);
  }
}
