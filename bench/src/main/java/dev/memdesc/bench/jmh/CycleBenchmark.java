package dev.memdesc.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the benchmarks share: the rivals, the settings, and the cycles of one question. */
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
public abstract class CycleBenchmark {
  private final String question;

  /** Who does it. */
  @Param({Cycles.OURS, Cycles.OURS_MANY_FORMATS, "O2", "O3_NATIVE"})
  private String rival = Cycles.OURS;

  private @Nullable Cycles cycles;

  /** A benchmark of one question of the harness. */
  protected CycleBenchmark(String question) {
    this.question = question;
  }

  /** Prepares the tables. */
  @Setup
  public void open() {
    cycles = new Cycles(question, rival);
  }

  /** Frees them. */
  @TearDown
  public void close() {
    if (cycles != null) {
      cycles.close();
    }
  }

  /** Does the next cycle; what it returns keeps the work from being optimised away. */
  protected final long next() {
    return cycles == null ? 0 : cycles.next();
  }
}
