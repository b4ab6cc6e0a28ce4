package dev.memdesc.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * What does a single random page of 1 GiB cost that is mapped and unmapped, its table being there?
 *
 * <p>{@code mvn -q verify -pl bench -am -DskipTests -Pbench -Djmh='PagesBenchmark -prof gc'}; what
 * is allocated for an operation is the row {@code gc.alloc.rate.norm}.
 */
public class PagesBenchmark extends CycleBenchmark {
  /** For JMH. */
  public PagesBenchmark() {
    super("pages");
  }

  /** Maps and unmaps 16384 pages, one by one. */
  @Benchmark
  @OperationsPerInvocation(1 << 14)
  public long cycle() {
    return next();
  }
}
