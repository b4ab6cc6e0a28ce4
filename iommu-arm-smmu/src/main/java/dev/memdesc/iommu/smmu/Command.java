package dev.memdesc.iommu.smmu;

/**
 * A command of 16 bytes: IHI 0070 section 4 "Commands". The opcode is in bits 7:0 of the first
 * word.
 *
 * @param word0 opcode, numbers
 * @param word1 address
 */
record Command(long word0, long word1) {
  /** log2 of the bytes of one. */
  static final int BYTES_LG2 = 4;

  /** Bits of NUM: a range is (NUM + 1) &lt;&lt; SCALE granules. */
  static final int RANGE_NUM_BITS = 5;

  private static final long CFGI_STE = 0x03;
  private static final long CFGI_STE_RANGE = 0x04;
  private static final long CFGI_CD = 0x05;
  private static final long TLBI_NH_ALL = 0x10;
  private static final long TLBI_NH_ASID = 0x11;
  private static final long TLBI_NH_VA = 0x12;
  private static final long TLBI_S12_VMALL = 0x28;
  private static final long TLBI_S2_IPA = 0x2A;
  private static final long TLBI_NSNH_ALL = 0x30;
  private static final long CMD_SYNC = 0x46;

  private static final int SID_SHIFT = 32;
  private static final int SSID_SHIFT = 12;
  private static final int VMID_SHIFT = 32;
  private static final int ASID_SHIFT = 48;
  private static final int NUM_SHIFT = 12;
  private static final int SCALE_SHIFT = 20;
  private static final int TTL_SHIFT = 8;
  private static final int TG_SHIFT = 10;
  private static final long LEAF = 1;
  private static final long RANGE_ALL = 31;
  private static final long ADDRESS = -1L << 12;
  private static final long CS_SEV = 2 << 12;
  private static final long MSH_ISH = 3 << 22;
  private static final long MSIATTR_OIWB = 15 << 24;

  /** What one TLBI by address covers. */
  record Range(long address, int granuleLg2, int num, int scale, boolean ranged, int ttl) {
    /** One translation, of a unit that has no ranges. */
    static Range one(long address) {
      return new Range(address, 0, 0, 0, false, 0);
    }

    private long word0() {
      return ranged ? (long) num << NUM_SHIFT | (long) scale << SCALE_SHIFT : 0;
    }

    /** TG has codes of its own: 1 for 4K, 2 for 16K, 3 for 64K. */
    private long word1(boolean leaf) {
      long tg = ranged ? (granuleLg2 - 10) / 2 : 0;
      return (address & ADDRESS) | tg << TG_SHIFT | (long) ttl << TTL_SHIFT | (leaf ? LEAF : 0);
    }
  }

  /**
   * A stream table entry changed.
   *
   * @param leaf the entry alone, not what leads to it
   */
  static Command cfgiSte(int sid, boolean leaf) {
    return new Command(CFGI_STE | sid(sid), leaf ? LEAF : 0);
  }

  /** Every structure may have changed. */
  static Command cfgiAll() {
    return new Command(CFGI_STE_RANGE, RANGE_ALL);
  }

  /** A context descriptor changed. */
  static Command cfgiCd(int sid, int ssid, boolean leaf) {
    return new Command(CFGI_CD | (long) ssid << SSID_SHIFT | sid(sid), leaf ? LEAF : 0);
  }

  /** Everything of stage 1 in a virtual machine. */
  static Command tlbiNhAll(int vmid) {
    return new Command(TLBI_NH_ALL | (long) vmid << VMID_SHIFT, 0);
  }

  /** Everything of an ASID. */
  static Command tlbiNhAsid(int vmid, int asid) {
    return new Command(TLBI_NH_ASID | tags(vmid, asid), 0);
  }

  /** A range of an ASID. */
  static Command tlbiNhVa(int vmid, int asid, Range range, boolean leaf) {
    return new Command(TLBI_NH_VA | range.word0() | tags(vmid, asid), range.word1(leaf));
  }

  /** Everything of a virtual machine, of both stages. */
  static Command tlbiS12Vmall(int vmid) {
    return new Command(TLBI_S12_VMALL | (long) vmid << VMID_SHIFT, 0);
  }

  /** A range of stage 2; what both stages made of it stays. */
  static Command tlbiS2Ipa(int vmid, Range range, boolean leaf) {
    return new Command(TLBI_S2_IPA | range.word0() | (long) vmid << VMID_SHIFT, range.word1(leaf));
  }

  /** Every translation. */
  static Command tlbiNsnhAll() {
    return new Command(TLBI_NSNH_ALL, 0);
  }

  /** Is consumed when everything before it is complete. */
  static Command sync() {
    return new Command(CMD_SYNC | CS_SEV | MSH_ISH | MSIATTR_OIWB, 0);
  }

  private static long sid(int sid) {
    return (long) sid << SID_SHIFT;
  }

  private static long tags(int vmid, int asid) {
    return (long) vmid << VMID_SHIFT | (long) asid << ASID_SHIFT;
  }
}
