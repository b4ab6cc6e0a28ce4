package dev.memdesc.bench.engine;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Adds up what this thread allocates on the Java heap. */
final class HeapMeter implements Meter {
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private final long[] bytes;
  private long before;

  HeapMeter(int rows) {
    this.bytes = new long[rows];
  }

  @Override
  public void start() {
    before = THREADS.getCurrentThreadAllocatedBytes();
  }

  @Override
  public void stop(int row) {
    bytes[row] += THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /** All cycles together. */
  long bytes(int row) {
    return bytes[row];
  }
}
