package dev.memdesc.core.space;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.spi.Invalidator;
import org.jspecify.annotations.Nullable;

/**
 * What the failed flushes of an owner's gathers left undone: ranges that hardware may not have
 * forgotten, and the tables that were unhooked from them. Whoever flushes next takes all of it, so
 * neither the tables nor the duty to invalidate go with a gather that is closed. Nothing is
 * allocated when one fails, because a failure may be for want of memory.
 *
 * <p>Any thread; one lock, held for one step and never while hardware is waited for.
 */
final class Unflushed {
  // All guarded by this. Null until there is a gather whose flush may fail.
  private @Nullable PendingRanges ranges;
  private @Nullable TableDescriptor first;
  private int tables;
  private boolean closed;
  // How many gathers have taken something that hardware has not forgotten yet.
  private int taken;
  // Volatile, written under the lock: who finds it false has nothing to take or to wait for.
  private volatile boolean any;

  /** A gather is made whose flush may fail: there is room for what it holds. */
  synchronized void prepare(Invalidator invalidator) {
    if (ranges == null) {
      ranges = new PendingRanges(invalidator);
    }
  }

  /** Whether there is something to be done first. */
  boolean any() {
    return any;
  }

  /**
   * Keeps what a flush could not do.
   *
   * @param pending its ranges, which cover the tables; empty afterwards if this returns true
   * @param list its tables, linked by {@link TableDescriptor#next}
   * @return false, and nothing is kept, if the owner is closed: hardware has forgotten all of it
   *     then, and the tables can be freed
   */
  synchronized boolean keep(PendingRanges pending, @Nullable TableDescriptor list, int count) {
    PendingRanges kept = ranges;
    if (closed || kept == null) {
      return false;
    }
    pending.moveTo(kept);
    if (list != null) {
      TableDescriptor last = list;
      for (TableDescriptor next = last.next(); next != null; next = last.next()) {
        last = next;
      }
      last.setNext(first);
      first = list;
      tables += count;
    }
    any = true;
    return true;
  }

  /**
   * Hands everything over to a gather, in one step. Until {@link #settled} it counts as not done:
   * hardware has not forgotten it yet.
   *
   * @param into gets the ranges; null if there is nothing left that would have to forget them
   * @return whether another gather has taken something and is not done with it
   */
  synchronized boolean takeInto(TableGather gather, @Nullable PendingRanges into) {
    PendingRanges kept = ranges;
    if (kept != null) {
      if (into == null) {
        kept.clear();
      } else {
        kept.moveTo(into);
      }
    }
    TableDescriptor list = first;
    int count = tables;
    first = null;
    tables = 0;
    gather.adopt(list, count);
    return taken++ > 0;
  }

  /** What a gather took was forgotten by hardware, or is kept here again. */
  synchronized void settled() {
    taken--;
    any = taken > 0 || first != null || (ranges != null && !ranges.isEmpty());
  }

  /** The owner is closed, and hardware has forgotten it: what fails from now on is not kept. */
  synchronized void close() {
    closed = true;
  }
}
