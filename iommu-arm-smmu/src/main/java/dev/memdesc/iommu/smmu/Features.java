package dev.memdesc.iommu.smmu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.UnitRegisters;
import java.util.List;

/**
 * What a unit can do: IHI 0070 section 6.3.1 and on, "SMMU_IDR0" to "SMMU_IDR5".
 *
 * @param idr0 stages, tables, numbers
 * @param idr1 widths of StreamID, SubstreamID and queues
 * @param idr3 ranges
 * @param idr5 granules and width of addresses
 */
record Features(long idr0, long idr1, long idr3, long idr5) {
  private static final long S2P = 1;
  private static final long S1P = 1 << 1;
  private static final int TTF_SHIFT = 2;
  private static final long TTF_AARCH64 = 2;
  private static final long COHACC = 1 << 4;
  private static final long ASID16 = 1 << 12;
  private static final long VMID16 = 1 << 18;
  private static final long CD2L = 1 << 19;
  private static final int TTENDIAN_SHIFT = 21;
  private static final long TTENDIAN_BIG = 3;
  private static final int ST_LVL_SHIFT = 27;
  private static final long ST_LVL_TWO = 1;

  private static final int SSIDSIZE_SHIFT = 6;
  private static final int EVENTQS_SHIFT = 16;
  private static final int CMDQS_SHIFT = 21;
  private static final long PRESET = 3L << 29;
  private static final int WIDTH = 0x1F;
  private static final int SIDSIZE = 0x3F;

  private static final long RIL = 1 << 10;

  private static final int VAX_SHIFT = 10;
  private static final int[] OAS = {32, 36, 40, 42, 44, 48, 52};
  private static final int VA_BITS = 48;

  /** Bits of GRAN4K, GRAN16K, GRAN64K by (log2 of the granule - 12) / 2. */
  private static final int GRAN_SHIFT = 4;

  /**
   * Reads the registers.
   *
   * @throws PageTableException with {@link Reason#TOOL} if the unit lacks what the backend needs
   */
  static Features read(UnitRegisters registers) {
    Features features =
        new Features(
            registers.read32(Registers.IDR0),
            registers.read32(Registers.IDR1),
            registers.read32(Registers.IDR3),
            registers.read32(Registers.IDR5));
    features.require((features.idr0 >>> TTF_SHIFT & TTF_AARCH64) != 0, "walks AArch64 tables");
    features.require((features.idr0 & COHACC) != 0, "sees what is in the processor's caches");
    features.require(
        (features.idr0 >>> TTENDIAN_SHIFT & 3) != TTENDIAN_BIG, "walks little-endian tables");
    features.require((features.idr1 & PRESET) == 0, "has its tables and queues in memory");
    features.require(!features.offered(SmmuFormats.VARIANTS).isEmpty(), "has a stage and granule");
    return features;
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      throw PageTableException.because(Reason.TOOL, "an SMMUv3 is used if it " + what)
          .with("IDR0", "0x" + Long.toHexString(idr0))
          .with("IDR1", "0x" + Long.toHexString(idr1))
          .with("IDR5", "0x" + Long.toHexString(idr5))
          .build();
    }
  }

  /** Those of some formats that the unit walks. */
  List<TableFormat> offered(List<TableFormat> formats) {
    return formats.stream().filter(this::offers).toList();
  }

  private boolean offers(TableFormat format) {
    if (!SmmuFormats.isWalked(format)
        || (idr5 >>> (GRAN_SHIFT + (format.frameLg2() - 12) / 2) & 1) == 0
        || (format.paBits() > VA_BITS && oas() < format.paBits())) {
      return false;
    }
    int bits = format.va().bits();
    return SmmuFormats.isStageTwo(format)
        ? (idr0 & S2P) != 0 && bits <= oas()
        : (idr0 & S1P) != 0 && (bits <= VA_BITS || (idr5 >>> VAX_SHIFT & 3) == 1);
  }

  /** Bits of a pa. */
  int oas() {
    return OAS[Math.min((int) idr5 & 7, OAS.length - 1)];
  }

  int asidBits() {
    return (idr0 & ASID16) != 0 ? 16 : 8;
  }

  int vmidBits() {
    return (idr0 & VMID16) != 0 ? 16 : 8;
  }

  /** Whether both stages can be used at once. */
  boolean nests() {
    return (idr0 & (S1P | S2P)) == (S1P | S2P);
  }

  /** Whether one command forgets a range. */
  boolean ranges() {
    return (idr3 & RIL) != 0;
  }

  boolean twoLevelStreams() {
    return (idr0 >>> ST_LVL_SHIFT & 3) == ST_LVL_TWO;
  }

  boolean twoLevelContexts() {
    return (idr0 & CD2L) != 0;
  }

  /** Bits of a StreamID. */
  int sidBits() {
    return (int) idr1 & SIDSIZE;
  }

  /** Bits of a SubstreamID; 0 if there are none. */
  int ssidBits() {
    return (int) (idr1 >>> SSIDSIZE_SHIFT) & WIDTH;
  }

  /** log2 of the most events that a queue holds. */
  int maxEventsLg2() {
    return (int) (idr1 >>> EVENTQS_SHIFT) & WIDTH;
  }

  /** log2 of the most commands that a queue holds. */
  int maxCommandsLg2() {
    return (int) (idr1 >>> CMDQS_SHIFT) & WIDTH;
  }
}
