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

  private static final int CAPACITY = 2 * BATCH;

  private final long[] frames = new long[CAPACITY];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  boolean isFull() {
    return size == CAPACITY;
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
