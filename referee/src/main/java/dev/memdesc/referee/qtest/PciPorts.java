package dev.memdesc.referee.qtest;

/** PCI configuration space behind a PC's address port and data port. */
record PciPorts(long windowPa) implements PciBus {
  private static final int CONFIG_ADDRESS = 0xCF8;
  private static final int CONFIG_DATA = 0xCFC;
  private static final long ENABLE = 0x8000_0000L;
  private static final int BDF_SHIFT = 8;

  @Override
  public void write(QtestBatch batch, int bdf, int offset, long value) {
    select(batch, bdf, offset).outl(CONFIG_DATA, value);
  }

  @Override
  public void read(QtestBatch batch, int bdf, int offset) {
    select(batch, bdf, offset).inl(CONFIG_DATA);
  }

  private static QtestBatch select(QtestBatch batch, int bdf, int offset) {
    return batch.outl(CONFIG_ADDRESS, ENABLE | (long) bdf << BDF_SHIFT | offset);
  }
}
