package dev.memdesc.iommu.intel;

/**
 * Invalidation descriptors: VT-d 6.5.2 "Queued Invalidation Interface". Two words each; of a
 * descriptor of 256 bits the others are 0.
 *
 * <pre>
 *           63    48 47    32 31      16 15 12 11 9 8   7  6  5  4 3    0
 *          +--------+--------+----------+-----+----+---+--+--+----+------+
 *  context |     FM |  SID   |   DID    |     |          |    | G  |  1   |
 *  IOTLB   |                 |   DID    |          |DR|DW| G  |  2   |   ADDR | IH 6 | AM 5:0
 *  device  | PFSID  |  SID   |  ...     |                     |  3   |   ADDR | S 0
 *  wait    |    data         |                    | FN|SW| IF |  5   |   status address
 *  PASID   |      PASID      |   DID    |                | G  |  6   |   ADDR | IH 6 | AM 5:0
 *  cache   |      PASID      |   DID    |                | G  |  7   |
 *          +-----------------+----------+---------------------+------+
 * </pre>
 */
final class Descriptors {
  static final long CONTEXT_CACHE = 1;
  static final long IOTLB = 2;
  static final long DEVICE_TLB = 3;
  static final long WAIT = 5;
  static final long PASID_IOTLB = 6;
  static final long PASID_CACHE = 7;

  private static final int G_SHIFT = 4;
  private static final long GLOBAL = 1L << G_SHIFT;
  private static final long DOMAIN = 2L << G_SHIFT;
  private static final long DEVICE = 3L << G_SHIFT;
  private static final long PAGES = 3L << G_SHIFT;

  /** Of {@link #PASID_IOTLB}: everything of the PASID. */
  private static final long ALL_OF_PASID = 2L << G_SHIFT;

  /** Of {@link #PASID_CACHE}. */
  private static final long ONE_PASID = 1L << G_SHIFT;

  private static final long EVERY_PASID = 3L << G_SHIFT;

  private static final int DID_SHIFT = 16;
  private static final int SID_SHIFT = 32;
  private static final int PASID_SHIFT = 32;

  /** Drain writes, of {@link #IOTLB}. */
  static final long DW = 1L << 6;

  /** Drain reads, of {@link #IOTLB}. */
  static final long DR = 1L << 7;

  /** Invalidation hint, in the second word: no entry that leads to a table has changed. */
  private static final long IH = 1L << 6;

  /** Size, in the second word of {@link #DEVICE_TLB}: the address says how much. */
  private static final long S = 1L;

  /** Status write, of {@link #WAIT}. */
  private static final long SW = 1L << 5;

  /** Fence, of {@link #WAIT}: later descriptors are begun when all earlier ones are complete. */
  private static final long FN = 1L << 6;

  private static final int DATA_SHIFT = 32;

  private Descriptors() {}

  /** First word: forget every context entry. */
  static long allContexts() {
    return CONTEXT_CACHE | GLOBAL;
  }

  /** First word: forget one device's context entry, which named a domain. */
  static long context(int device, int domain) {
    return CONTEXT_CACHE | DEVICE | (long) domain << DID_SHIFT | (long) device << SID_SHIFT;
  }

  /** First word: forget every translation. */
  static long everyIotlb(long drain) {
    return IOTLB | GLOBAL | drain;
  }

  /** First word: forget every translation of a domain. */
  static long iotlb(int domain, long drain) {
    return IOTLB | DOMAIN | drain | (long) domain << DID_SHIFT;
  }

  /** First word, whose second is {@link #pages}: forget some pages of a domain. */
  static long iotlbPages(int domain, long drain) {
    return IOTLB | PAGES | drain | (long) domain << DID_SHIFT;
  }

  /**
   * Second word: 2^am pages from {@code first}, which is a multiple of that.
   *
   * @param leavesOnly whether no table was unhooked
   */
  static long pages(long first, int am, boolean leavesOnly) {
    return first | (leavesOnly ? IH : 0) | am;
  }

  /** First word: forget every translation of a PASID in a domain. */
  static long pasidIotlb(int domain, int pasid) {
    return PASID_IOTLB | ALL_OF_PASID | (long) domain << DID_SHIFT | (long) pasid << PASID_SHIFT;
  }

  /** First word, whose second is {@link #pages}: forget some pages of a PASID in a domain. */
  static long pasidIotlbPages(int domain, int pasid) {
    return PASID_IOTLB | PAGES | (long) domain << DID_SHIFT | (long) pasid << PASID_SHIFT;
  }

  /** First word: forget one entry of PASID tables. */
  static long pasidEntry(int domain, int pasid) {
    return PASID_CACHE | ONE_PASID | (long) domain << DID_SHIFT | (long) pasid << PASID_SHIFT;
  }

  /** First word: forget every entry of PASID tables. */
  static long everyPasidEntry() {
    return PASID_CACHE | EVERY_PASID;
  }

  /** First word, whose second is {@link #devicePages}: a device forgets pages. */
  static long deviceTlb(int device) {
    return DEVICE_TLB | (long) device << SID_SHIFT;
  }

  /**
   * Second word of {@link #deviceTlb}: the lowest clear bit from bit 12 up says how many pages, so
   * all bits below the highest of the range are set.
   */
  static long devicePages(long first, int pagesLg2) {
    return pagesLg2 == 0
        ? first
        : first | ((1L << (pagesLg2 - 1)) - 1) << SecondStage.FRAME_LG2 | S;
  }

  /**
   * First word, whose second is the pa of four bytes: when all before it is complete, {@code data}
   * is written there.
   *
   * @param fence whether what comes later waits too
   */
  static long await(int data, boolean fence) {
    return WAIT | SW | (fence ? FN : 0) | (long) data << DATA_SHIFT;
  }
}
