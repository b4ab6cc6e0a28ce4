package dev.memdesc.iommu.intel;

/**
 * The registers of a unit: VT-d 11.4 "Register Descriptions". Offsets in bytes; the comment says
 * the width. Two groups lie where the capability registers say.
 */
final class Registers {
  /** Version, 32 bits: the major one in 7:4. */
  static final int VER = 0x00;

  /** Capabilities, 64 bits. */
  static final int CAP = 0x08;

  /** Extended capabilities, 64 bits. */
  static final int ECAP = 0x10;

  /** Global command, 32 bits, write only: the state that is wanted, and one-shot commands. */
  static final int GCMD = 0x18;

  /** Global status, 32 bits: the bits of {@link #GCMD} as they are. */
  static final int GSTS = 0x1C;

  /** Root table address, 64 bits. */
  static final int RTADDR = 0x20;

  /** Fault status, 32 bits. */
  static final int FSTS = 0x34;

  /** Invalidation queue head, 64 bits: the byte that the unit reads next. */
  static final int IQH = 0x80;

  /** Invalidation queue tail, 64 bits: the byte that software writes next. */
  static final int IQT = 0x88;

  /** Invalidation queue address, 64 bits. */
  static final int IQA = 0x90;

  /** Translation enable. */
  static final long GCMD_TE = 1L << 31;

  /** Set root table pointer: one shot; the status stays set. */
  static final long GCMD_SRTP = 1L << 30;

  /** Queued invalidation enable. */
  static final long GCMD_QIE = 1L << 26;

  /** Bits of {@link #GSTS} that a command repeats so that they stay as they are. */
  static final long GSTS_STATE = 0x96FF_FFFFL;

  /** Translation table mode: scalable. */
  static final long RTADDR_SCALABLE = 1L << 10;

  /** Primary fault overflow: a record was lost. Write 1 to clear, as the next four. */
  static final long FSTS_PFO = 1L;

  /** Primary pending fault: at least one record is filled. Read only. */
  static final long FSTS_PPF = 1L << 1;

  /** Invalidation queue error: a descriptor is malformed or could not be read. */
  static final long FSTS_IQE = 1L << 4;

  /** Invalidation completion error: a device answered what it was not asked. */
  static final long FSTS_ICE = 1L << 5;

  /** Invalidation time-out error: a device did not answer. */
  static final long FSTS_ITE = 1L << 6;

  static final long FSTS_QUEUE_ERRORS = FSTS_IQE | FSTS_ICE | FSTS_ITE;

  /** Fault record index: which record was filled first, in 15:8. */
  static final int FSTS_FRI_SHIFT = 8;

  static final long FSTS_FRI_MASK = 0xFF;

  /** Descriptor width: 256 bits. */
  static final long IQA_DW = 1L << 11;

  /** Queue size: 2^QS pages of 4 KiB, in 2:0. */
  static final int IQA_PAGE_LG2 = 12;

  /** Bytes of a fault record; its last 32 bits hold F, which is written with 1 to clear. */
  static final int FRCD_BYTES = 16;

  static final int FRCD_HIGH = 8;
  static final int FRCD_LAST = 12;
  static final long FRCD_LAST_F = 1L << 31;

  private Registers() {}
}
