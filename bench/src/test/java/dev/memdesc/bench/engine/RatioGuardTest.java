package dev.memdesc.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.bench.Subject;
import dev.memdesc.bench.twin.TwinCompiler;
import dev.memdesc.bench.twin.TwinSubject;
import dev.memdesc.bench.twin.Twins;
import dev.memdesc.core.BackendRegistry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Finds gross regressions: three times the figures that docs/benchmarks.md asks for, the best of
 * several attempts. Nothing tighter, because machines are shared.
 */
final class RatioGuardTest {
  private static final double GROSS = 3;
  // As many as it takes on a busy machine; mostly the first one holds.
  private static final int ATTEMPTS = 100;
  private static final int TRIALS = 5;
  private static final int TRIAL_MILLIS = 10;
  private static final int WARM_UP_MILLIS = 100;

  /** By question: for each row at most this many times the twin compiled with -O2. */
  private static final Map<String, List<Double>> FLOORS =
      Map.of(
          "contiguous", List.of(1.0, 1.2),
          "existing", List.of(1.2, 1.2),
          "pages", List.of(2.2, 2.2),
          "translate", List.of(1.4, 1.4));

  @Test
  void noOperationIsGrosslySlowerThanItsTwin(@TempDir Path folder) {
    try (EngineSubject open = EngineSubject.of(registry(), EngineBenchmark.FORMAT);
        TwinSubject twin = Twins.of(TwinCompiler.Variant.O2, folder, open.format())) {
      for (Question question : Questions.of(open.format())) {
        List<Double> floors = FLOORS.getOrDefault(question.name(), List.of());
        if (!floors.isEmpty()) {
          check(question, floors, twin);
        }
      }
    }
  }

  private static void check(Question question, List<Double> floors, TwinSubject twin) {
    double[] best = new double[floors.size()];
    Arrays.fill(best, Double.MAX_VALUE);
    try (EngineSubject engine = EngineSubject.of(registry(), EngineBenchmark.FORMAT)) {
      List<Subject> subjects = List.of(engine, twin);
      Trials trials = new Trials(question, subjects);
      for (int attempt = 0; attempt < ATTEMPTS && !holds(best, floors); attempt++) {
        trials.warmUp(WARM_UP_MILLIS);
        trials.run(TRIALS, TRIAL_MILLIS);
        for (int row = 0; row < best.length; row++) {
          best[row] = Math.min(best[row], trials.ratio(row, 1));
        }
      }
      twin.unmapRanges(0, 0, 1L << 40, 1);
    }
    for (int row = 0; row < best.length; row++) {
      assertThat(best[row])
          .as("times C -O2: %s", question.rows().get(row).name())
          .isLessThanOrEqualTo(GROSS * floors.get(row));
    }
  }

  private static boolean holds(double[] best, List<Double> floors) {
    for (int row = 0; row < best.length; row++) {
      if (best[row] > GROSS * floors.get(row)) {
        return false;
      }
    }
    return true;
  }

  private static BackendRegistry registry() {
    return BackendRegistry.discover(null);
  }
}
