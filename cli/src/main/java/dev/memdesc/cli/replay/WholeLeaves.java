package dev.memdesc.cli.replay;

/**
 * Where an unmap begins that took more than it was asked to. Some drivers take a leaf whole as soon
 * as a part of it is unmapped (AMD's, and the superpage probe of VFIO lives from that): the event
 * says how much went, not from where.
 */
final class WholeLeaves {
  private static final int PAGE_LG2 = 12;

  private WholeLeaves() {}

  /**
   * The first iova that went.
   *
   * @param iova where the unmap was asked to begin
   * @param size bytes that were asked for; more than 0
   * @param unmapped bytes that went; more than {@code size}
   * @return where leaves begin that contain the range and have {@code unmapped} bytes together. If
   *     leaves of no one size do, as with a page before a large leaf, the iova itself
   */
  static long start(long iova, long size, long unmapped) {
    long last = iova + size - 1;
    for (int leafLg2 = PAGE_LG2; leafLg2 < Long.SIZE - 1; leafLg2++) {
      long leaf = 1L << leafLg2;
      long first = iova & -leaf;
      long bytes = (last | (leaf - 1)) - first + 1;
      if (bytes == unmapped) {
        return first;
      }
    }
    return iova;
  }
}
