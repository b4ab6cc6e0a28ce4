package dev.memdesc.iommu.intel;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.UnitRegisters;

/**
 * What a unit can do: VT-d 11.4.2 "Capability Register", 11.4.3 "Extended Capability Register".
 *
 * @param cap CAP
 * @param ecap ECAP
 */
record Capabilities(long cap, long ecap) {
  /** Required write-buffer flushing. */
  private static final long CAP_RWBF = 1L << 4;

  /** Caching mode: absent entries are cached too. */
  private static final long CAP_CM = 1L << 7;

  private static final int CAP_SAGAW_SHIFT = 8;
  private static final int CAP_MGAW_SHIFT = 16;
  private static final int CAP_FRO_SHIFT = 24;
  private static final long CAP_SLLPS_2M = 1L << 34;
  private static final long CAP_SLLPS_1G = 1L << 35;
  private static final long CAP_PSI = 1L << 39;
  private static final int CAP_NFR_SHIFT = 40;
  private static final int CAP_MAMV_SHIFT = 48;
  private static final long CAP_DWD = 1L << 54;
  private static final long CAP_DRD = 1L << 55;
  private static final long CAP_FL1GP = 1L << 56;
  private static final long CAP_FL5LP = 1L << 60;

  private static final long ECAP_QI = 1L << 1;
  private static final long ECAP_DT = 1L << 2;
  private static final long ECAP_SC = 1L << 7;
  private static final long ECAP_NEST = 1L << 26;
  private static final int ECAP_PSS_SHIFT = 35;
  private static final long ECAP_PASID = 1L << 40;
  private static final long ECAP_SMTS = 1L << 43;
  private static final long ECAP_SLADS = 1L << 45;
  private static final long ECAP_SLTS = 1L << 46;
  private static final long ECAP_FLTS = 1L << 47;

  /** Fault records are counted in pieces of 16 bytes. */
  private static final int FRO_UNIT = 16;

  /** The narrowest second stage; each more level is 9 bits and one bit of SAGAW. */
  private static final int NARROWEST_BITS = 39;

  static Capabilities read(UnitRegisters registers) {
    return new Capabilities(registers.read64(Registers.CAP), registers.read64(Registers.ECAP));
  }

  /**
   * Checks what there is no way around.
   *
   * @throws PageTableException with {@link Reason#TOOL}
   */
  void require() {
    require("a unit takes commands from a queue (ECAP.QI)", (ecap & ECAP_QI) != 0);
    require("a unit does not cache what is absent (CAP.CM)", (cap & CAP_CM) == 0);
    require("a unit needs no flush of write buffers (CAP.RWBF)", (cap & CAP_RWBF) == 0);
    require("a unit walks one of memdesc's formats", !Formats.offered(this).isEmpty());
  }

  private void require(String rule, boolean holds) {
    if (!holds) {
      throw PageTableException.because(Reason.TOOL, rule).hex("CAP", cap).hex("ECAP", ecap).build();
    }
  }

  /** Whether the unit has PASIDs, and structures to go with them. */
  boolean scalable() {
    return (ecap & ECAP_SMTS) != 0;
  }

  /** Whether it walks a second stage of 39, 48 or 57 bits. */
  boolean secondStage(int bits) {
    boolean width = (cap >>> CAP_SAGAW_SHIFT & 1L << addressWidth(bits)) != 0;
    return width && (!scalable() || (ecap & ECAP_SLTS) != 0);
  }

  /** Whether it walks a first stage of 48 or 57 bits. */
  boolean firstStage(int bits) {
    return scalable()
        && (ecap & ECAP_FLTS) != 0
        && (bits == 48 || (bits == 57 && (cap & CAP_FL5LP) != 0));
  }

  /** The number that structures have for a width: 1 for 39 bits, 2 for 48, 3 for 57. */
  static int addressWidth(int bits) {
    return (bits - NARROWEST_BITS) / SecondStage.INDEX_BITS + 1;
  }

  /** How many levels have leaves in the second stage, 1..3. */
  int secondStageLeafLevels() {
    return (cap & CAP_SLLPS_2M) == 0 ? 1 : (cap & CAP_SLLPS_1G) == 0 ? 2 : 3;
  }

  /** The same in the first stage, 2..3. */
  int firstStageLeafLevels() {
    return (cap & CAP_FL1GP) == 0 ? 2 : 3;
  }

  /** Whether SNP is not reserved in leaves. */
  boolean snoopControl() {
    return scalable() || (ecap & ECAP_SC) != 0;
  }

  /** How many bits of an iova the unit looks at. */
  int guestAddressBits() {
    return (int) (cap >>> CAP_MGAW_SHIFT & 0x3F) + 1;
  }

  /** How many numbers of domains there are. */
  int domains() {
    return 1 << (4 + 2 * (int) (cap & 7));
  }

  /** The offset of the first fault record. */
  int faultRecords() {
    return (int) (cap >>> CAP_FRO_SHIFT & 0x3FF) * FRO_UNIT;
  }

  /** How many fault records there are. */
  int faultRecordCount() {
    return (int) (cap >>> CAP_NFR_SHIFT & 0xFF) + 1;
  }

  /** log2 of the most pages that one command can forget; -1 if only whole domains. */
  int mostPagesLg2() {
    return (cap & CAP_PSI) == 0 ? -1 : (int) (cap >>> CAP_MAMV_SHIFT & 0x3F);
  }

  /** Whether an invalidation can wait for reads that are under way. */
  boolean drainsReads() {
    return (cap & CAP_DRD) != 0;
  }

  /** Whether an invalidation can wait for writes that are under way. */
  boolean drainsWrites() {
    return (cap & CAP_DWD) != 0;
  }

  /** Whether the unit sets A and D in the second stage. */
  boolean secondStageStates() {
    return (ecap & ECAP_SLADS) != 0;
  }

  /** Whether devices may cache translations. */
  boolean deviceTlbs() {
    return (ecap & ECAP_DT) != 0;
  }

  /** Whether a first stage may lie above a second. */
  boolean nesting() {
    return scalable() && (ecap & ECAP_NEST) != 0;
  }

  /** How many PASIDs there are; 1, for requests without PASID, if the unit does not know them. */
  int pasids() {
    return (ecap & ECAP_PASID) == 0 ? 1 : 1 << ((int) (ecap >>> ECAP_PSS_SHIFT & 0x1F) + 1);
  }
}
