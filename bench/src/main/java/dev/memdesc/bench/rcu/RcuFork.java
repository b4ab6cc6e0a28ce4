package dev.memdesc.bench.rcu;

import dev.memdesc.bench.alloc.AllocBenchmark;
import dev.memdesc.bench.alloc.AllocFork;
import dev.memdesc.bench.alloc.Side;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks the questions about RCU in several JVMs, and is what they run. */
public final class RcuFork {
  private RcuFork() {}

  /** A fork. */
  public static void main(String[] args) throws IOException {
    AllocFork.run(args, List.of(RcuQuestion.values()));
    // The callback threads of liburcu and of what is not closed are left behind.
    System.exit(0);
  }

  /** Our side of a question, without rivals. */
  public static Side ours(String question) {
    for (RcuQuestion one : RcuQuestion.values()) {
      if (one.title().equals(question)) {
        return one.sides(Path.of("nowhere")).getFirst();
      }
    }
    throw new IllegalArgumentException("a question is one that exists: question=" + question);
  }

  /** The benchmark; the parameters are those of {@link AllocBenchmark}. */
  public static AllocBenchmark benchmark(
      int forks, boolean quick, @Nullable String only, Consumer<String> progress) {
    return new AllocBenchmark(
        List.of(RcuQuestion.values()), RcuFork.class, forks, quick, only, progress);
  }
}
