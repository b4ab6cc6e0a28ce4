package dev.memdesc.tck.iommu;

/**
 * A command of VT-d's queue, as 6.5.2 of the manual says what is legal.
 *
 * @param low the first word
 * @param high the second
 * @param rest the others, ORed
 * @param wide whether the queue has commands of 256 bits
 * @param mostPagesLg2 the largest AM
 */
record IntelCommand(long low, long high, long rest, boolean wide, int mostPagesLg2) {
  private static final int CONTEXT = 1;
  private static final int IOTLB = 2;
  private static final int DEVICE_TLB = 3;
  private static final int WAIT = 5;
  private static final int PASID_IOTLB = 6;
  private static final int PASID_CACHE = 7;

  private int type() {
    return (int) (low & 0xF) | (int) (low >>> 9 & 7) << 4;
  }

  private int granularity() {
    return (int) (low >>> 4 & 3);
  }

  boolean isLegal() {
    if (rest != 0) {
      return false;
    }
    return switch (type()) {
      case CONTEXT -> granularity() != 0 && high == 0 && (low & 0xFFFC_0000_0000_FFC0L) == 0;
      case IOTLB ->
          granularity() != 0
              && (low & 0xFFFF_FFFF_0000_FF00L) == 0
              && (granularity() == 3 ? isPages() : high == 0);
      case DEVICE_TLB -> (low & 0x000F_0000_FFE0_0FF0L) == 0 && (high & 0xFFE) == 0;
      case WAIT -> (low & 0x30) != 0 && (low & 0xFFFF_FF00L) == 0 && (high & 3) == 0;
      case PASID_IOTLB ->
          wide
              && granularity() >= 2
              && (low & 0xFFF0_0000_0000_FFC0L) == 0
              && (granularity() == 3 ? isPages() : high == 0);
      case PASID_CACHE ->
          wide && granularity() != 2 && high == 0 && (low & 0xFFF0_0000_0000_FFC0L) == 0;
      default -> false;
    };
  }

  /** An address that is a multiple of 2^AM pages, IH, AM. */
  private boolean isPages() {
    int am = (int) (high & 0x3F);
    return am <= mostPagesLg2 && (high & 0xF80) == 0 && (high >>> 12 & (1L << am) - 1) == 0;
  }

  String name() {
    return switch (type()) {
      case CONTEXT -> "context-cache";
      case IOTLB -> "IOTLB";
      case DEVICE_TLB -> "device-TLB";
      case WAIT -> "wait";
      case PASID_IOTLB -> "PASID-IOTLB";
      default -> "PASID-cache";
    };
  }

  boolean forgetsTranslations() {
    return type() == IOTLB || type() == PASID_IOTLB;
  }

  /** Whether it is a wait that writes its status. */
  boolean isWait() {
    return type() == WAIT && (low & 0x20) != 0;
  }

  int data() {
    return (int) (low >>> 32);
  }

  long statusPa() {
    return high;
  }
}
