package dev.memdesc.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * What does a translation in 1 GiB of pages cost, half of them at random and half in order?
 *
 * <p>{@code mvn -q verify -pl bench -am -DskipTests -Pbench -Djmh='TranslateBenchmark -prof gc'};
 * what is allocated for an operation is the row {@code gc.alloc.rate.norm}.
 */
public class TranslateBenchmark extends CycleBenchmark {
  /** For JMH. */
  public TranslateBenchmark() {
    super("translate");
  }

  /** Translates 16384 random pages and as many in order. */
  @Benchmark
  @OperationsPerInvocation(1 << 15)
  public long cycle() {
    return next();
  }
}
