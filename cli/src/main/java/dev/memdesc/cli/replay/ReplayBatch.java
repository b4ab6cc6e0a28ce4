package dev.memdesc.cli.replay;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Some map and unmap events, a column for each of their numbers: filled by the thread that reads
 * the trace, then read by those that replay it, then filled again.
 */
final class ReplayBatch {
  /** How many events fit. */
  static final int EVENTS = 2048;

  /** In the column of pas: the event is an unmap. No pa has so many bits. */
  static final long UNMAP = -1L;

  final int[] domains = new int[EVENTS];
  final long[] lines = new long[EVENTS];
  final long[] nanos = new long[EVENTS];
  final long[] iovas = new long[EVENTS];
  final long[] sizes = new long[EVENTS];

  /** The pa of a map, or {@link #UNMAP}. */
  final long[] pas = new long[EVENTS];

  /** Of an unmap: the bytes that the kernel unmapped. */
  final long[] unmapped = new long[EVENTS];

  private final AtomicInteger users = new AtomicInteger();
  private int count;

  /** How many events there are. */
  int count() {
    return count;
  }

  boolean isFull() {
    return count == EVENTS;
  }

  void clear() {
    count = 0;
  }

  void addMap(int domain, long line, long time, long iova, long pa, long size) {
    add(domain, line, time, iova, size);
    pas[count++] = pa;
  }

  void addUnmap(int domain, long line, long time, long iova, long size, long unmappedBytes) {
    add(domain, line, time, iova, size);
    unmapped[count] = unmappedBytes;
    pas[count++] = UNMAP;
  }

  private void add(int domain, long line, long time, long iova, long size) {
    domains[count] = domain;
    lines[count] = line;
    nanos[count] = time;
    iovas[count] = iova;
    sizes[count] = size;
  }

  /** So many threads are going to read it. */
  void share(int threads) {
    users.set(threads);
  }

  /** A thread has read it; whether it was the last. */
  boolean release() {
    return users.decrementAndGet() == 0;
  }
}
