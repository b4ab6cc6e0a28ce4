package dev.memdesc.core.space;

import dev.memdesc.api.spi.Invalidator;

/**
 * What hardware has not been told to forget yet: a bounded list of ranges, the last of which grows
 * while requests follow each other. When the list is full, everything is forgotten instead. Nothing
 * is allocated after the constructor. The thread that uses the gather uses this too.
 */
final class PendingRanges {
  /** How many ranges are told one by one. More cost more commands than forgetting everything. */
  static final int MOST = 32;

  private final Invalidator invalidator;
  private final long[] firsts = new long[MOST];
  private final long[] lasts = new long[MOST];
  private final long[] leafSizes = new long[MOST];
  // A bit for each range.
  private int tables;
  private int count;
  private boolean everything;

  PendingRanges(Invalidator invalidator) {
    this.invalidator = invalidator;
  }

  /**
   * Adds a range.
   *
   * @param sizes of the leaves that were there, as a bitmap; 0 if not known
   * @param unhooked whether tables were unhooked
   */
  void add(long first, long last, long sizes, boolean unhooked) {
    int newest = count - 1;
    if (newest >= 0 && joins(newest, first, last)) {
      firsts[newest] = Long.compareUnsigned(first, firsts[newest]) < 0 ? first : firsts[newest];
      lasts[newest] = Long.compareUnsigned(last, lasts[newest]) > 0 ? last : lasts[newest];
      boolean known = sizes != 0 && leafSizes[newest] != 0;
      leafSizes[newest] = known ? leafSizes[newest] | sizes : 0;
    } else if (count == MOST) {
      everything = true;
      return;
    } else {
      newest = count++;
      firsts[newest] = first;
      lasts[newest] = last;
      leafSizes[newest] = sizes;
    }
    if (unhooked) {
      tables |= 1 << newest;
    }
  }

  /** Whether a range overlaps one of the list, or begins or ends where it ends or begins. */
  private boolean joins(int i, long first, long last) {
    boolean before = last != -1 && Long.compareUnsigned(last + 1, firsts[i]) < 0;
    boolean after = lasts[i] != -1 && Long.compareUnsigned(lasts[i] + 1, first) < 0;
    return !before && !after;
  }

  /** The list does not cover all there is to forget. */
  void addEverything() {
    everything = true;
  }

  /** Moves all there is to forget to another list, and is empty then. */
  void moveTo(PendingRanges other) {
    for (int i = 0; i < count; i++) {
      other.add(firsts[i], lasts[i], leafSizes[i], (tables >>> i & 1) != 0);
    }
    if (everything) {
      other.addEverything();
    }
    clear();
  }

  /** There is nothing to forget any more. */
  void clear() {
    count = 0;
    tables = 0;
    everything = false;
  }

  /** Whether there is nothing to forget. */
  boolean isEmpty() {
    return count == 0 && !everything;
  }

  /**
   * Tells hardware, and returns when it has forgotten. If that fails the list is as before, so that
   * all of it is told again.
   */
  void complete() {
    if (isEmpty()) {
      return;
    }
    if (everything) {
      invalidator.invalidateAll();
    } else {
      for (int i = 0; i < count; i++) {
        invalidator.invalidate(firsts[i], lasts[i], leafSizes[i], (tables >>> i & 1) != 0);
      }
    }
    invalidator.complete();
    clear();
  }
}
