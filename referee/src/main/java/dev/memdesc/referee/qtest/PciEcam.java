package dev.memdesc.referee.qtest;

/** PCI configuration space in memory. */
record PciEcam(long basePa, long windowPa) implements PciBus {
  private static final int BDF_SHIFT = 12;

  @Override
  public void write(QtestBatch batch, int bdf, int offset, long value) {
    batch.writel(register(bdf, offset), value);
  }

  @Override
  public void read(QtestBatch batch, int bdf, int offset) {
    batch.readl(register(bdf, offset));
  }

  private long register(int bdf, int offset) {
    return basePa + ((long) bdf << BDF_SHIFT) + offset;
  }
}
