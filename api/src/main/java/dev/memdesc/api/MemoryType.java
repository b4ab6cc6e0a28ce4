package dev.memdesc.api;

/** How the processor may cache and order accesses to a page. */
public enum MemoryType {
  /** Ordinary cached memory. */
  WRITE_BACK,
  /** Cached for reads; writes go through. */
  WRITE_THROUGH,
  /** Cached for reads; writes go to the bus and invalidate. */
  WRITE_PROTECTED,
  /** Not cached; writes may be combined. */
  WRITE_COMBINING,
  /** Not cached, unless a range register says otherwise (x86 UC-). */
  UNCACHED_MINUS,
  /** Not cached, strongly ordered. */
  UNCACHED,
  /**
   * Ordinary cached memory, also for requests of devices that ask not to look into the processors'
   * caches (VT-d SNP).
   */
  SNOOPED
}
