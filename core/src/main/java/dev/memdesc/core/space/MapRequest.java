package dev.memdesc.core.space;

import dev.memdesc.api.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * What a running operation wants and has done so far: the scratch space of one thread, re-used so
 * that operations allocate nothing. Fields are plain; only the thread that uses the gather sees
 * them.
 */
public final class MapRequest {
  /** Per level: a leaf's item without its pa. */
  public final long[] items;

  /** A run of level-0 items on its way to memory. */
  public final long[] staging;

  /** pa - va of every leaf. */
  public long delta;

  /** The leaf sizes that may be used, as {@link dev.memdesc.api.PageSizes#bitmap}. */
  public long sizes;

  /** The first va that a failed claim did not get to. */
  public long claimedEnd;

  /** The attributes that {@link #lastBits} are of: most operations repeat them. */
  public @Nullable Attributes lastAttributes;

  /** A level-0 leaf's item without its pa, for {@link #lastAttributes}. */
  public long lastBits;

  MapRequest(int levels, int items) {
    this.items = new long[levels];
    this.staging = new long[items];
  }
}
