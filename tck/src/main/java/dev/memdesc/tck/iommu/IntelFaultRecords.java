package dev.memdesc.tck.iommu;

/** VT-d's fault records, as 7.2 and 11.4.15 of the manual say. Used under the model's lock. */
final class IntelFaultRecords {
  private static final int BYTES = 16;
  private static final long F = 1L << 63;
  private static final long PFO = 1;
  private static final long PPF = 2;

  private final int first;
  private final long[] low;
  private final long[] high;
  private int next;
  private int oldest;
  private boolean overflow;

  IntelFaultRecords(int first, int count) {
    this.first = first;
    this.low = new long[count];
    this.high = new long[count];
  }

  int room() {
    return low.length;
  }

  boolean has(int offset) {
    return offset >= first && offset < first + low.length * BYTES;
  }

  private int index(int offset) {
    return (offset - first) / BYTES;
  }

  long read64(int offset) {
    return (offset & 8) == 0 ? low[index(offset)] : high[index(offset)];
  }

  long read32(int offset) {
    return read64(offset & -8) >>> (8 * (offset & 4)) & 0xFFFF_FFFFL;
  }

  /** F is cleared by writing 1 to it; all else cannot be written. */
  void write32(int offset, long value) {
    if ((offset & 0xC) == 0xC && (value & 1L << 31) != 0) {
      high[index(offset)] &= ~F;
    }
  }

  /** PFO, PPF and the index of the record that was filled first. */
  long status() {
    boolean pending = false;
    for (long one : high) {
      pending |= (one & F) != 0;
    }
    return (overflow ? PFO : 0) | (pending ? PPF | (long) oldest << 8 : 0);
  }

  void acknowledge(long value) {
    overflow &= (value & PFO) == 0;
  }

  void record(int device, int pasid, long iova, boolean write, int reason) {
    if (overflow || (high[next] & F) != 0) {
      overflow = true;
      return;
    }
    if ((status() & PPF) == 0) {
      oldest = next;
    }
    low[next] = iova & -1L << 12;
    high[next] =
        F
            | (write ? 0 : 1L << 62)
            | (pasid < 0 ? 0 : (long) pasid << 40 | 1L << 31)
            | (long) reason << 32
            | device;
    next = (next + 1) % high.length;
  }
}
