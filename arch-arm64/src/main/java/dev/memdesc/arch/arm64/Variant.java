package dev.memdesc.arch.arm64;

import dev.memdesc.api.format.VaRule;

/**
 * What tells one arm64 format from another.
 *
 * @param granule of tables and pages
 * @param bits of an input address: va, or ipa in stage 2
 * @param half which half of the va, for a regime with two roots; the lower one for stage 2
 * @param stageTwo whether a hypervisor's stage
 * @param hardwareStates whether hardware sets AF and, through DBM, the dirty state (FEAT_HAFDBS)
 */
record Variant(Granule granule, int bits, Half half, boolean stageTwo, boolean hardwareStates) {
  private static final int PA_BITS = 48;
  private static final int WIDE_PA_BITS = 52;

  /** Which root. */
  enum Half {
    /** TTBR0: bits above are 0. */
    LOWER,
    /** TTBR1: bits above are 1. */
    UPPER
  }

  static Variant stageOne(Granule granule, int bits) {
    return new Variant(granule, bits, Half.LOWER, false, false);
  }

  static Variant stageTwo(Granule granule, int bits) {
    return new Variant(granule, bits, Half.LOWER, true, false);
  }

  Variant upper() {
    return new Variant(granule, bits, Half.UPPER, stageTwo, hardwareStates);
  }

  Variant withHardwareStates() {
    return new Variant(granule, bits, half, stageTwo, true);
  }

  /** Such as {@code arm64/4k-48}, {@code arm64/4k-39-ttbr1}, {@code arm64/s2-4k-40}. */
  String name() {
    return "arm64/"
        + (stageTwo ? "s2-" : "")
        + granule.label()
        + "-"
        + bits
        + (half == Half.UPPER ? "-ttbr1" : "")
        + (hardwareStates ? "-dbm" : "");
  }

  /** Whether output addresses have 52 bits: FEAT_LPA2, or FEAT_LPA with 64K. */
  boolean wide() {
    return bits > PA_BITS;
  }

  /** Whether TCR_EL1.DS or VTCR_EL2.DS is set: the pa's top bits lie where shareability was. */
  boolean ds() {
    return wide() && granule != Granule.G64K;
  }

  int paBits() {
    return wide() ? WIDE_PA_BITS : PA_BITS;
  }

  int levels() {
    return stageTwo ? granule.stageTwoLevels(bits) : granule.levels(bits);
  }

  /** Index bits of the root. */
  int rootBits() {
    return bits - granule.shift(levels() - 1);
  }

  VaRule vaRule() {
    return new VaRule(bits, half == Half.UPPER ? VaRule.Extension.ONES : VaRule.Extension.ZERO);
  }
}
