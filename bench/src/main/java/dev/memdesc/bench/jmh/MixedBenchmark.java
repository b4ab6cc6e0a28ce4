package dev.memdesc.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * What does a leaf cost in a range with leaves of all sizes: map it, translate 16 times, unmap it?
 *
 * <p>{@code mvn -q verify -pl bench -am -DskipTests -Pbench -Djmh='MixedBenchmark -prof gc'}; what
 * is allocated for an operation is the row {@code gc.alloc.rate.norm}.
 */
public class MixedBenchmark extends CycleBenchmark {
  /** For JMH. */
  public MixedBenchmark() {
    super("mixed");
  }

  /** Maps, translates and unmaps 1026 leaves. */
  @Benchmark
  @OperationsPerInvocation(1026)
  public long cycle() {
    return next();
  }
}
