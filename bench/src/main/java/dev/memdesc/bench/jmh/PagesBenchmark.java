package dev.memdesc.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a single random page of 1 GiB cost that is mapped and unmapped, its table being there?
 *
 * <p>{@code mvn -q verify -pl bench -am -DskipTests -Pbench -Djmh='PagesBenchmark -prof gc'}; what
 * is allocated for an operation is the row {@code gc.alloc.rate.norm}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 20, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "-XX:+UseSerialGC",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
public class PagesBenchmark {
  /** Who does it. */
  @Param({Cycles.OURS, Cycles.OURS_MANY_FORMATS, "O2", "O3_NATIVE"})
  private String rival = Cycles.OURS;

  private @Nullable Cycles cycles;

  /** For JMH. */
  public PagesBenchmark() {}

  /** Prepares the tables. */
  @Setup
  public void open() {
    cycles = new Cycles("pages", rival);
  }

  /** Frees them. */
  @TearDown
  public void close() {
    if (cycles != null) {
      cycles.close();
    }
  }

  /** Maps and unmaps 16384 pages, one by one. */
  @Benchmark
  @OperationsPerInvocation(1 << 14)
  public long cycle() {
    return cycles == null ? 0 : cycles.next();
  }
}
