package dev.memdesc.core.image;

import java.util.Arrays;

/** A set of addresses without objects for them: a walk sees millions of tables. */
final class PaSet {
  /** No table is there: it is no multiple of 8. */
  private static final long NONE = -1L;

  private static final int FIRST_SLOTS = 64;
  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  private long[] slots = empty(FIRST_SLOTS);
  private int size;

  /** Adds a pa, a multiple of 8. */
  void add(long pa) {
    if (size * 2 >= slots.length) {
      long[] old = slots;
      slots = empty(old.length * 2);
      for (long one : old) {
        if (one != NONE) {
          slots[slot(one)] = one;
        }
      }
    }
    int slot = slot(pa);
    if (slots[slot] != pa) {
      slots[slot] = pa;
      size++;
    }
  }

  /** Whether a pa is in it. */
  boolean contains(long pa) {
    return slots[slot(pa)] == pa;
  }

  /** Where a pa is, or would be. */
  private int slot(long pa) {
    int slot = (int) ((pa * SPREAD) >>> 33) & (slots.length - 1);
    while (slots[slot] != NONE && slots[slot] != pa) {
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }

  private static long[] empty(int length) {
    long[] slots = new long[length];
    Arrays.fill(slots, NONE);
    return slots;
  }
}
