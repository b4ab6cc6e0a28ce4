package dev.memdesc.core.space;

/**
 * What a running map or protect wants: the scratch space of one thread's operation, re-used so that
 * operations allocate nothing. Fields are plain; only the thread that uses the gather sees them.
 */
public final class MapRequest {
  /** Per level: a leaf's item without its pa. */
  public final long[] items;

  /** pa - va of every leaf. */
  public long delta;

  /** The leaf sizes that may be used, as {@link dev.memdesc.api.PageSizes#bitmap}. */
  public long sizes;

  MapRequest(int levels) {
    this.items = new long[levels];
  }
}
