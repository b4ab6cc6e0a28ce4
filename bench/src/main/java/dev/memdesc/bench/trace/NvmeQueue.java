package dev.memdesc.bench.trace;

import java.util.random.RandomGenerator;

/**
 * A disk with queues: each command has a scatter list, whose pieces follow each other in iova and
 * are mapped one by one; they are unmapped together, in the order in which commands end.
 */
final class NvmeQueue implements Workload {
  private static final long PAGE = 4096;
  private static final long END = 1L << 32;
  private static final int DEPTH = 256;
  private static final int MOST_PAGES = 128;

  private final RandomGenerator random;
  private final IovaAllocator iovas = new IovaAllocator(END);
  private final long[] iova = new long[DEPTH];
  private final long[] bytes = new long[DEPTH];
  private int running;

  NvmeQueue(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public void step(EventSink sink) {
    boolean end = running > 0 && random.nextInt(DEPTH) < running;
    if (end) {
      int slot = random.nextInt(running);
      sink.unmap(iova[slot], bytes[slot]);
      iovas.free(iova[slot], bytes[slot]);
      running--;
      iova[slot] = iova[running];
      bytes[slot] = bytes[running];
      return;
    }
    // Small commands are the most frequent: 4K, 8K, 16K ... 512K.
    int pages = Math.min(MOST_PAGES, 1 << Math.min(random.nextInt(12), random.nextInt(12)));
    iova[running] = iovas.allocate(pages * PAGE);
    bytes[running] = pages * PAGE;
    long at = iova[running];
    int rest = pages;
    while (rest > 0) {
      // Pieces of memory that lie together are one.
      int piece = 1 + random.nextInt(Math.min(rest, 16));
      sink.map(at, TraceGenerator.pa(random, piece * PAGE), piece * PAGE);
      at += piece * PAGE;
      rest -= piece;
    }
    running++;
  }
}
