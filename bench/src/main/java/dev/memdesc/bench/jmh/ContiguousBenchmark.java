package dev.memdesc.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * What does a page cost that is mapped with 262143 others and the tables of all, and unmapped?
 *
 * <p>{@code mvn -q verify -pl bench -am -DskipTests -Pbench -Djmh='ContiguousBenchmark -prof gc'};
 * what is allocated for an operation is the row {@code gc.alloc.rate.norm}.
 */
public class ContiguousBenchmark extends CycleBenchmark {
  /** For JMH. */
  public ContiguousBenchmark() {
    super("contiguous");
  }

  /** Maps and unmaps 262144 pages. */
  @Benchmark
  @OperationsPerInvocation(1 << 18)
  public long cycle() {
    return next();
  }
}
