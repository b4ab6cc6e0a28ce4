package dev.memdesc.bench.jmh;

import dev.memdesc.bench.alloc.AllocSides;
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
 * How fast are fragments allocated and freed on one thread, beside Netty and malloc in C?
 *
 * <p>{@code mvn -q verify -pl bench -am -DskipTests -Pbench -Djmh='FragmentBenchmark -prof gc'};
 * the last figures are in docs/benchmarks.md.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 20, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "-XX:+UseSerialGC",
      "-Dio.netty.leakDetection.level=disabled",
      "-Dio.netty.allocator.useCacheForAllThreads=true",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
public class FragmentBenchmark {
  /** Who does it. */
  @Param({"memdesc", "Netty pooled", "Netty adaptive", "glibc malloc in C"})
  private String rival = "memdesc";

  /** What is done: one at a time, or a thousand live. */
  @Param({"pair-256", "pair-2k", "batch-256", "batch-2k"})
  private String question = "pair-256";

  private @Nullable AllocSides side;

  /** For JMH. */
  public FragmentBenchmark() {}

  /** Prepares the one side. */
  @Setup
  public void open() {
    side = AllocSides.open(question, rival);
  }

  /** Frees what it has. */
  @TearDown
  public void close() {
    if (side != null) {
      side.close();
    }
  }

  /** Many allocations and frees. */
  @Benchmark
  @OperationsPerInvocation(AllocSides.OPERATIONS)
  public void allocateAndFree() {
    if (side != null) {
      side.cycle();
    }
  }
}
