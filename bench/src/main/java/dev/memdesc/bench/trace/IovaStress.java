package dev.memdesc.bench.trace;

import java.util.random.RandomGenerator;

/**
 * One page mapped and unmapped in every 2 MiB, upwards: each leaves a table behind in which nothing
 * is mapped, unless tables are freed when they become empty. The page is the one at 1 MiB, so that
 * none lies where an IOMMU takes addresses for interrupts (0xfee00000).
 */
final class IovaStress implements Workload {
  private static final long PAGE = 4096;
  private static final long STEP = 2L << 20;
  private static final long OFFSET = 1L << 20;

  private final RandomGenerator random;
  private long next = OFFSET;

  IovaStress(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public void step(EventSink sink) {
    sink.map(next, TraceGenerator.pa(random, PAGE), PAGE);
    sink.unmap(next, PAGE);
    next += STEP;
  }
}
