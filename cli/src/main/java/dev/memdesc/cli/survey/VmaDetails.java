package dev.memdesc.cli.survey;

/**
 * What smaps says about one mapping beyond its line of maps.
 *
 * @param pageKiB KernelPageSize
 * @param residentKiB Rss
 * @param anonymousHugeKiB AnonHugePages
 * @param otherHugeKiB ShmemPmdMapped and FilePmdMapped
 * @param hugetlb whether VmFlags has {@code ht}
 * @param invisible whether VmFlags has {@code pf} or {@code io}: pagemap does not show such pages
 */
record VmaDetails(
    long pageKiB,
    long residentKiB,
    long anonymousHugeKiB,
    long otherHugeKiB,
    boolean hugetlb,
    boolean invisible) {
  /** What is assumed where smaps says nothing. */
  static final VmaDetails UNKNOWN = new VmaDetails(4, 0, 0, 0, false, false);
}
