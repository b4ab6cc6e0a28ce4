package dev.memdesc.core.space;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Failures;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a running operation wants and has done so far: the scratch space of one thread, re-used so
 * that operations allocate nothing. Fields are plain; only the thread that uses the gather sees
 * them.
 */
public final class MapRequest {
  /** Per level: a leaf's item without its pa. */
  public final long[] items;

  /** Per level and group of its list: the group's item without its pa. */
  public final long[] groups;

  /** A run of level-0 items on its way to memory. */
  public final long[] staging;

  /** pa - va of every leaf. */
  public long delta;

  /** The leaf sizes that may be used, as {@link dev.memdesc.api.PageSizes#bitmap}. */
  public long sizes;

  /** The sizes of the leaves that changed since the gather's last range, perhaps of others too. */
  public long leafSizes;

  /** Whether claim found tables that a leaf takes the place of. */
  public boolean replaces;

  /** The first va that a failed claim did not get to. */
  public long claimedEnd;

  /** The attributes that {@link #lastBits} are of: most operations repeat them. */
  public @Nullable Attributes lastAttributes;

  /** A level-0 leaf's item without its pa, for {@link #lastAttributes}. */
  public long lastBits;

  /** What failed in the middle of something that is finished first. */
  private @Nullable Throwable failure;

  MapRequest(TableFormat format) {
    int mostLeaves = 1;
    for (LevelLayout level : format.levels()) {
      mostLeaves = Math.max(mostLeaves, level.leaves().size());
    }
    this.items = new long[format.levels().size()];
    this.groups = new long[format.levels().size() * (mostLeaves - 1)];
    this.staging = new long[format.level(0).items()];
  }

  /** Takes note of a failure that must not cut short what is being done. */
  public void addFailure(Throwable thrown) {
    failure = Failures.join(failure, thrown);
  }

  /** Throws what was noted, when all is done. */
  public void throwFailure() {
    Throwable first = failure;
    if (first != null) {
      failure = null;
      Failures.throwIfAny(first);
    }
  }
}
