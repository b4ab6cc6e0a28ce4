package dev.memdesc.core.memory;

/**
 * Single frames that one stripe of threads keeps so that it need not take the node's lock. Every
 * method is called under this object's lock, which threads of other stripes rarely want.
 *
 * <p>A stripe serves all threads whose number ends alike, so nothing is left behind by a thread
 * that ends, and virtual threads need no state of their own.
 */
final class FrameCache {
  /** How many frames move between a cache and its node at a time. */
  static final int BATCH = 32;

  /** As many as go through an empty and a full table memory of a busy process; Linux keeps more. */
  private static final int CAPACITY = 16 * BATCH;

  private final long[] frames = new long[CAPACITY];
  private final long[] batch = new long[BATCH];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  boolean isFull() {
    return size == CAPACITY;
  }

  /** Room for the frames that come from the node, in the order in which they come. */
  long[] batch() {
    return batch;
  }

  int size() {
    return size;
  }

  void push(long pa) {
    frames[size++] = pa;
  }

  long pop() {
    return frames[--size];
  }
}
