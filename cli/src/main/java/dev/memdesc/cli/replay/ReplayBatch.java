package dev.memdesc.cli.replay;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Some map and unmap events, a column for each of their numbers: filled by the thread that reads
 * the trace, then read by those that replay it, then filled again.
 */
final class ReplayBatch {
  /** How many events fit. */
  static final int EVENTS = 2048;

  /** What an event is. */
  enum Kind {
    /** The pa says where to. */
    MAP,
    /** A scatter list: it has no pa. */
    MAP_PIECES,
    /** It has the bytes that the kernel unmapped; its domain may be a guess. */
    UNMAP,
    /** The same; the kernel named the domain. */
    UNMAP_NAMED
  }

  final Kind[] kinds = new Kind[EVENTS];
  final int[] domains = new int[EVENTS];
  final long[] lines = new long[EVENTS];
  final long[] nanos = new long[EVENTS];
  final long[] iovas = new long[EVENTS];
  final long[] sizes = new long[EVENTS];

  /** The pa of a map; of an unmap, the bytes that the kernel unmapped. */
  final long[] values = new long[EVENTS];

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
    add(Kind.MAP, domain, line, time, iova, size, pa);
  }

  void addMapPieces(int domain, long line, long time, long iova, long size) {
    add(Kind.MAP_PIECES, domain, line, time, iova, size, 0);
  }

  void addUnmap(int domain, long line, long time, long iova, long size, long unmappedBytes) {
    add(Kind.UNMAP, domain, line, time, iova, size, unmappedBytes);
  }

  void addNamedUnmap(int domain, long line, long time, long iova, long size, long unmappedBytes) {
    add(Kind.UNMAP_NAMED, domain, line, time, iova, size, unmappedBytes);
  }

  private void add(Kind kind, int domain, long line, long time, long iova, long size, long value) {
    kinds[count] = kind;
    domains[count] = domain;
    lines[count] = line;
    nanos[count] = time;
    iovas[count] = iova;
    sizes[count] = size;
    values[count++] = value;
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
