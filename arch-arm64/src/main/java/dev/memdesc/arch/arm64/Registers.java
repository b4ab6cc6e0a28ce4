package dev.memdesc.arch.arm64;

/**
 * Values of the registers that point to a root: Arm ARM D23.2 "General system control registers".
 * Walks are write-back cacheable and inner shareable, and the other half of a regime is switched
 * off.
 *
 * <pre>
 *            63  48 47                           6 5        2 1    0
 *           +------+------------------------------+----------+------+
 *  TTBR     | ASID |         pa[47:6]             | pa[51:48]| pa, 0|   52-bit output addresses
 *           | ASID |         pa[47:1]                            | 0|   others
 *           +------+------------------------------+----------+------+
 * </pre>
 */
final class Registers {
  /** MAIR_EL1: index 0 write-back, 1 tagged, 2 not cached, 3 nGnRnE, 4 nGnRE, 5 write-through. */
  static final long MAIR_EL1 = 0xBB04_0044_F0FFL;

  private static final long IRGN_WBWA = 1 << 8;
  private static final long ORGN_WBWA = 1 << 10;
  private static final long SH_INNER = 3 << 12;
  private static final long WALKS = IRGN_WBWA | ORGN_WBWA | SH_INNER;
  private static final int UPPER_SHIFT = 16;
  private static final long EPD0 = 1 << 7;
  private static final long EPD1 = 1 << 23;
  private static final int TG0_SHIFT = 14;
  private static final int TG1_SHIFT = 30;
  private static final int IPS_SHIFT = 32;
  private static final long AS_16_BITS = 1L << 36;
  private static final long HA_HD = 3L << 39;
  private static final long DS = 1L << 59;

  private static final int SL0_SHIFT = 6;
  private static final int PS_SHIFT = 16;
  private static final long VS_16_BITS = 1 << 19;
  private static final long VTCR_HA_HD = 3 << 21;
  private static final long VTCR_RES1 = 1L << 31;
  private static final long VTCR_DS = 1L << 32;
  private static final long SL2 = 1L << 33;

  private static final int ASID_SHIFT = 48;
  private static final int SHORT_ASID_MAX = 255;

  private Registers() {}

  /** TTBR0_EL1, TTBR1_EL1 or VTTBR_EL2. */
  static long ttbr(Variant variant, long rootPa, int asid) {
    long low = rootPa & ((1L << ASID_SHIFT) - 1);
    long address = variant.wide() ? low | (rootPa >>> 48) << 2 : rootPa;
    return (long) asid << ASID_SHIFT | address;
  }

  /** TCR_EL1 for one half of stage 1; the other is switched off with the same size. */
  static long tcr(Variant variant, int asid) {
    long size = 64L - variant.bits();
    boolean upper = variant.half() == Variant.Half.UPPER;
    long half =
        upper
            ? size
                | size << UPPER_SHIFT
                | WALKS << UPPER_SHIFT
                | (long) variant.granule().tg1() << TG1_SHIFT
                | EPD0
            : size | WALKS | (long) variant.granule().tg0() << TG0_SHIFT | EPD1;
    return half
        | sizeCode(variant.paBits()) << IPS_SHIFT
        | (asid > SHORT_ASID_MAX ? AS_16_BITS : 0)
        | (variant.hardwareStates() ? HA_HD : 0)
        | (variant.ds() ? DS : 0);
  }

  /**
   * VTCR_EL2.
   *
   * @param paBits bits of an output address that the machine has
   */
  static long vtcr(Variant variant, int paBits, int vmid) {
    int start = variant.granule().startLevelCode(variant.levels() - 1);
    return 64L - variant.bits()
        | (long) (start & 3) << SL0_SHIFT
        | (start > 3 ? SL2 : 0)
        | WALKS
        | (long) variant.granule().tg0() << TG0_SHIFT
        | sizeCode(paBits) << PS_SHIFT
        | (vmid > SHORT_ASID_MAX ? VS_16_BITS : 0)
        | (variant.hardwareStates() ? VTCR_HA_HD : 0)
        | VTCR_RES1
        | (variant.ds() ? VTCR_DS : 0);
  }

  /** The code of IPS and PS. */
  static long sizeCode(int paBits) {
    return switch (paBits) {
      case 32 -> 0;
      case 36 -> 1;
      case 40 -> 2;
      case 42 -> 3;
      case 44 -> 4;
      case 48 -> 5;
      case 52 -> 6;
      default -> throw new IllegalArgumentException("no machine has so many bits: " + paBits);
    };
  }
}
