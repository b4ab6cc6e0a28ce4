package dev.memdesc.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * What does a page cost that is mapped with 511 others into tables that are there, and unmapped?
 *
 * <p>{@code mvn -q verify -pl bench -am -DskipTests -Pbench -Djmh='ExistingBenchmark -prof gc'};
 * what is allocated for an operation is the row {@code gc.alloc.rate.norm}.
 */
public class ExistingBenchmark extends CycleBenchmark {
  /** For JMH. */
  public ExistingBenchmark() {
    super("existing");
  }

  /** Maps and unmaps 8 times 512 pages. */
  @Benchmark
  @OperationsPerInvocation(1 << 12)
  public long cycle() {
    return next();
  }
}
