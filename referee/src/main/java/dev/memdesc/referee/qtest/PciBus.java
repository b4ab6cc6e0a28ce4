package dev.memdesc.referee.qtest;

/** PCI configuration space: registers of 32 bits. */
public interface PciBus {
  /**
   * Puts a write into a batch.
   *
   * @param bdf bus in bits 15:8, device in 7:3, function in 2:0
   * @param offset of the register, a multiple of 4
   */
  void write(QtestBatch batch, int bdf, int offset, long value);

  /** Puts a read into a batch: the answer to the batch's last command is the value. */
  void read(QtestBatch batch, int bdf, int offset);

  /** Where the first device's registers may be put: a window for memory BARs below 4 GiB. */
  long windowPa();

  /** Through a PC's two I/O ports. */
  static PciBus ports(long windowPa) {
    return new PciPorts(windowPa);
  }

  /** Through the memory that has the registers of all devices, 4 KiB for each. */
  static PciBus ecam(long basePa, long windowPa) {
    return new PciEcam(basePa, windowPa);
  }
}
