package dev.memdesc.cli.replay;

/**
 * Which pages of 4K of a granule are mapped, for the granules of which some are and some are not. A
 * hash table of longs, so that millions of granules take no object each.
 */
final class GranuleMasks {
  private static final int FIRST_CAPACITY = 64;

  /** Fibonacci hashing: 2^64 divided by the golden ratio. */
  private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

  private long[] granules = new long[FIRST_CAPACITY];
  // 0: there is no granule in the slot.
  private int[] masks = new int[FIRST_CAPACITY];
  private int count;

  /** Whether no granule is mapped in part. */
  boolean isEmpty() {
    return count == 0;
  }

  /** A bit for each page of the granule that is mapped; 0 if all are, or none. */
  int get(long granule) {
    int slot = slot(granule);
    while (masks[slot] != 0) {
      if (granules[slot] == granule) {
        return masks[slot];
      }
      slot = next(slot);
    }
    return 0;
  }

  /** Sets the mask; 0 forgets the granule. */
  void put(long granule, int mask) {
    int slot = slot(granule);
    while (masks[slot] != 0 && granules[slot] != granule) {
      slot = next(slot);
    }
    if (mask == 0) {
      if (masks[slot] != 0) {
        remove(slot);
      }
      return;
    }
    if (masks[slot] == 0) {
      count++;
    }
    granules[slot] = granule;
    masks[slot] = mask;
    if (2 * count > masks.length) {
      grow();
    }
  }

  /**
   * Forgets the granules from {@code first} to {@code last}, whichever is less work: to ask for
   * each of them, or to look at each that there is.
   *
   * @param granulePages how many pages a granule has
   * @return how many pages of those granules were not mapped
   */
  long removeRange(long first, long last, int granulePages) {
    long missing = 0;
    if (last - first < masks.length) {
      for (long granule = first; granule <= last; granule++) {
        int mask = get(granule);
        if (mask != 0) {
          missing += granulePages - Integer.bitCount(mask);
          put(granule, 0);
        }
      }
      return missing;
    }
    int slot = 0;
    while (slot < masks.length) {
      if (masks[slot] != 0 && granules[slot] >= first && granules[slot] <= last) {
        missing += granulePages - Integer.bitCount(masks[slot]);
        // Another granule may move into the slot: it is looked at next.
        remove(slot);
      } else {
        slot++;
      }
    }
    return missing;
  }

  /** Closes the gap: whoever was pushed past it moves back. */
  private void remove(int gone) {
    count--;
    int gap = gone;
    masks[gap] = 0;
    for (int slot = next(gap); masks[slot] != 0; slot = next(slot)) {
      int home = slot(granules[slot]);
      boolean mayMove = gap <= slot ? home <= gap || home > slot : home <= gap && home > slot;
      if (mayMove) {
        granules[gap] = granules[slot];
        masks[gap] = masks[slot];
        masks[slot] = 0;
        gap = slot;
      }
    }
  }

  private void grow() {
    long[] oldGranules = granules;
    int[] oldMasks = masks;
    granules = new long[2 * oldGranules.length];
    masks = new int[2 * oldMasks.length];
    count = 0;
    for (int i = 0; i < oldMasks.length; i++) {
      if (oldMasks[i] != 0) {
        put(oldGranules[i], oldMasks[i]);
      }
    }
  }

  private int slot(long granule) {
    return (int) ((granule * MULTIPLIER) >>> 32) & (masks.length - 1);
  }

  private int next(int slot) {
    return (slot + 1) & (masks.length - 1);
  }
}
