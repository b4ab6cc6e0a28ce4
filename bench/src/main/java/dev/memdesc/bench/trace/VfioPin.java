package dev.memdesc.bench.trace;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Virtual machines with a device each, one after the other: all of a machine's memory is mapped at
 * once, in runs of what lies together in the host's memory, most of them whole pages of 2 MiB; when
 * it ends, it is unmapped in such runs again.
 */
final class VfioPin implements Workload {
  private static final long PAGE = 4096;
  private static final long HUGE = 2L << 20;
  private static final long GIB = 1L << 30;

  /** Where a PC has no memory below 4 GiB: devices are there. */
  private static final long HOLE = 3 * GIB;

  private static final long HOLE_END = 4 * GIB;

  private final RandomGenerator random;
  private long[] iovas = new long[64];
  private long[] sizes = new long[64];
  private int runs;
  private int machines;

  VfioPin(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public void step(EventSink sink) {
    sink.attach("0000:%02x:00.0".formatted(1 + machines++ % 8));
    long bytes = GIB << random.nextInt(4);
    runs = 0;
    pin(sink, 0, Math.min(bytes, HOLE));
    pin(sink, HOLE_END, HOLE_END + Math.max(0, bytes - HOLE));
    for (int i = 0; i < runs; i++) {
      sink.unmap(iovas[i], sizes[i]);
    }
  }

  private void pin(EventSink sink, long start, long end) {
    long iova = start;
    while (iova < end) {
      long bytes = runBytes(iova, end);
      sink.map(iova, TraceGenerator.pa(random, bytes), bytes);
      if (runs == iovas.length) {
        iovas = Arrays.copyOf(iovas, 2 * runs);
        sizes = Arrays.copyOf(sizes, 2 * runs);
      }
      iovas[runs] = iova;
      sizes[runs++] = bytes;
      iova += bytes;
    }
  }

  private long runBytes(long iova, long end) {
    long inHuge = HUGE - (iova & (HUGE - 1));
    if (inHuge < HUGE || random.nextInt(16) == 0) {
      // A huge page that the host had to build of small ones.
      return Math.min(inHuge, PAGE * (1 + random.nextInt(256)));
    }
    int pages = 1 + random.nextInt(random.nextInt(32) == 0 ? 512 : 4);
    return Math.min(end - iova, HUGE * pages);
  }
}
