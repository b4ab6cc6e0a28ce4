package dev.memdesc.cli.survey;

/**
 * What the kernel's VmPTE has more than the tables built here, in KiB, split by cause. The parts
 * add up to the difference.
 *
 * @param reclaimableKiB tables without entries, which the kernel has not freed
 * @param invisibleKiB tables of mappings that pagemap does not show
 * @param movingKiB the process ran while it was surveyed, so nothing can be said; may be negative
 * @param unknownKiB no cause is known; negative if the kernel has less
 */
record Difference(long reclaimableKiB, long invisibleKiB, long movingKiB, long unknownKiB) {

  /**
   * Splits a difference.
   *
   * @param kiB kernel's less predicted
   * @param complete whether every line that was read made sense
   * @param quiet whether the process stood still
   * @param invisibleBoundKiB at most so much is invisible
   */
  static Difference split(long kiB, boolean complete, boolean quiet, long invisibleBoundKiB) {
    if (!complete) {
      return new Difference(0, 0, 0, kiB);
    }
    if (!quiet) {
      return new Difference(0, 0, kiB, 0);
    }
    if (kiB < 0) {
      return new Difference(0, 0, 0, kiB);
    }
    long invisible = Math.min(kiB, invisibleBoundKiB);
    return new Difference(kiB - invisible, invisible, 0, 0);
  }

  /** All parts together. */
  long totalKiB() {
    return reclaimableKiB + invisibleKiB + movingKiB + unknownKiB;
  }
}
