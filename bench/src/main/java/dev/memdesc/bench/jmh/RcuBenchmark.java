package dev.memdesc.bench.jmh;

import dev.memdesc.bench.alloc.Side;
import dev.memdesc.bench.rcu.RcuFork;
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
 * What does a read section cost, and a deferred free with its grace period?
 *
 * <p>{@code mvn -q verify -pl bench -am -DskipTests -Pbench -Djmh='RcuBenchmark -prof gc'}; the
 * same loops as {@code memdesc bench rcu}, which has the rivals.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "-XX:+UseSerialGC",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
public class RcuBenchmark {
  /** What is done. */
  @Param({"section", "fenced", "qsbr", "call", "defer"})
  private String question = "section";

  private @Nullable Side side;

  /** For JMH. */
  public RcuBenchmark() {}

  /** Registers the thread that measures. */
  @Setup
  public void open() {
    side = RcuFork.ours(question);
  }

  /** 65536 operations. */
  @Benchmark
  @OperationsPerInvocation(1 << 16)
  public void cycle() {
    Side mine = side;
    if (mine != null) {
      mine.run();
    }
  }

  /** Ends the registration. */
  @TearDown
  public void close() {
    if (side != null) {
      side.close();
    }
  }
}
