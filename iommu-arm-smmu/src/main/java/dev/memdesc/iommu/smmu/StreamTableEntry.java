package dev.memdesc.iommu.smmu;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.arch.arm64.Arm64Tables;

/**
 * What the unit does with one device's requests: IHI 0070 section 5.2 "Stream Table Entry", 64
 * bytes, of which the last 32 are 0.
 *
 * <pre>
 *        63       59 58 56 55                                6 5    4 3    1 0
 *       +-----------+-----+-----------------------------------+------+------+-+
 *  dw0  |  S1CDMax  |  0  |  S1ContextPtr                     |S1Fmt |Config|V|
 *       +-----------+-----+-----------------------------------+------+------+-+
 *  dw1  SHCFG 45:44   S1CSH 7:6   S1COR 5:4   S1CIR 3:2   S1DSS 1:0
 *  dw2  S2R 58   S2PTW 54   S2AA64 51   S2PS 50:48   S2TG 47:46   S2SH0 45:44
 *       S2OR0 43:42   S2IR0 41:40   S2SL0 39:38   S2T0SZ 37:32   S2VMID 15:0
 *  dw3  S2TTB 51:4
 * </pre>
 *
 * @param dw0 what makes it valid: the unit may read it at any time, so it is stored last
 * @param dw1 attributes
 * @param dw2 how stage 2 is walked
 * @param dw3 the root of stage 2
 */
record StreamTableEntry(long dw0, long dw1, long dw2, long dw3) {
  static final int BYTES = 64;

  private static final long V = 1;
  private static final int CONFIG_SHIFT = 1;
  private static final long CONFIG_STAGE_ONE = 5;
  private static final long CONFIG_STAGE_TWO = 6;
  private static final int S1FMT_SHIFT = 4;
  private static final int S1CDMAX_SHIFT = 59;

  /** Requests without SubstreamID use the context descriptor 0. */
  private static final long S1DSS_SSID0 = 2;

  private static final long S1CIR_WBRA = 1 << 2;
  private static final long S1COR_WBRA = 1 << 4;
  private static final long S1CSH_ISH = 3 << 6;
  private static final long CONTEXT_READS = S1CIR_WBRA | S1COR_WBRA | S1CSH_ISH;

  /** The shareability that the request came with. */
  private static final long SHCFG_INCOMING = 1L << 44;

  private static final long S2AA64 = 1L << 51;
  private static final long S2PTW = 1L << 54;
  private static final long S2R = 1L << 58;
  private static final int VTCR_SHIFT = 32;

  /** The words that say stage 2. */
  private static final long STAGE_TWO_CONFIG = CONFIG_STAGE_TWO << CONFIG_SHIFT | V;

  /** The first word of an entry that refuses requests, and records that it did: not valid. */
  static final long REFUSE = 0;

  /**
   * Stage 1.
   *
   * @param contexts where the device's context descriptors are
   */
  static StreamTableEntry stageOne(ContextTable.Pointer contexts) {
    return new StreamTableEntry(
        CONFIG_STAGE_ONE << CONFIG_SHIFT | V | pointer(contexts), contextAttributes(), 0, 0);
  }

  /** Stage 2 alone, for a unit whose pa has {@code oas} bits. */
  static StreamTableEntry stageTwo(TableFormat format, int oas, int vmid, long rootPa) {
    return new StreamTableEntry(STAGE_TWO_CONFIG, SHCFG_INCOMING, walk(format, oas) | vmid, rootPa);
  }

  /** Stage 1 whose tables, context descriptors and results stage 2 translates. */
  static StreamTableEntry nested(ContextTable.Pointer contexts, StreamTableEntry second) {
    return new StreamTableEntry(
        CONFIG_STAGE_ONE << CONFIG_SHIFT | second.dw0 | pointer(contexts),
        contextAttributes() | second.dw1,
        second.dw2,
        second.dw3);
  }

  private static long pointer(ContextTable.Pointer contexts) {
    return (long) contexts.maxLg2() << S1CDMAX_SHIFT
        | (long) contexts.formatCode() << S1FMT_SHIFT
        | contexts.pa();
  }

  /** S1DSS has no effect while there is only one context descriptor. */
  private static long contextAttributes() {
    return CONTEXT_READS | S1DSS_SSID0;
  }

  private static long walk(TableFormat format, int oas) {
    int paBits = Math.min(oas, format.paBits());
    return Arm64Tables.vtcr(format, paBits) << VTCR_SHIFT | S2AA64 | S2PTW | S2R;
  }
}
