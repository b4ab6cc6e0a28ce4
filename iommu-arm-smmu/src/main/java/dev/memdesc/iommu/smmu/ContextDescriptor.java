package dev.memdesc.iommu.smmu;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.arch.arm64.Arm64Tables;

/**
 * The root of stage 1 and how it is walked: IHI 0070 section 5.4 "Context Descriptor", 64 bytes.
 *
 * <pre>
 *        63  48 47   46 45 44 43 41   40     35 34 32 31 30   15 14  13 12 11 10 9  8 7  6 5   0
 *       +------+----+--+--+-----+----+---------+-----+--+----+-----+------+-----+----+----+------+
 *  dw0  | ASID |ASET|A |R |  0  |AA64|    0    | IPS |V |EPD1|  0  | SH0  | OR0 |IR0 |TG0 | T0SZ |
 *       +------+----+--+--+-----+----+---------+-----+--+----+-----+------+-----+----+----+------+
 *  dw1  TTB0 51:4        dw3  MAIR, a byte for each AttrIndx
 * </pre>
 *
 * @param dw0 what makes it valid, stored last
 * @param dw1 the root
 */
record ContextDescriptor(long dw0, long dw1) {
  static final int BYTES = 64;

  /** AttrIndx 0 not cached, 1 write-back, 2 nGnRE, 3 write-back in outer caches only. */
  static final long MAIR = 0xF404_FF44L;

  private static final int TG0_SHIFT = 6;
  private static final long IR0_WBWA = 1 << 8;
  private static final long OR0_WBWA = 1 << 10;
  private static final long SH0_ISH = 3 << 12;
  private static final long EPD1 = 1 << 30;
  private static final long V = 1L << 31;
  private static final int IPS_SHIFT = 32;
  private static final long AA64 = 1L << 41;

  /** Faults are recorded. */
  private static final long R = 1L << 45;

  /** A request that faults is aborted, not read as zero. */
  private static final long A = 1L << 46;

  /** The ASID is the unit's own, not a processor's. */
  private static final long ASET = 1L << 47;

  private static final int ASID_SHIFT = 48;

  /**
   * Of a domain.
   *
   * @param format of stage 1
   * @param oas bits of the unit's pa
   * @param asid its number
   * @param root its tables
   */
  static ContextDescriptor of(TableFormat format, int oas, int asid, long root) {
    long walk =
        (64 - format.va().bits())
            | (long) Arm64Tables.tg0(format.frameLg2()) << TG0_SHIFT
            | IR0_WBWA
            | OR0_WBWA
            | SH0_ISH
            | EPD1;
    long ips = (long) Arm64Tables.sizeCode(Math.min(oas, format.paBits())) << IPS_SHIFT;
    return new ContextDescriptor(
        walk | V | ips | AA64 | R | A | ASET | (long) asid << ASID_SHIFT, root);
  }
}
