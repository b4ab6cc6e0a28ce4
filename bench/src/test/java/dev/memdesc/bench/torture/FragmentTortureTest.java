package dev.memdesc.bench.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.core.rcu.RcuFlavour;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Short torture of fragments: seconds where a release gets a minute. */
@Timeout(120)
final class FragmentTortureTest {
  private static final long SEED = Long.getLong("memdesc.seed", System.nanoTime());
  // Mostly found within the first second; a busy machine gets more.
  private static final int MOST_SECONDS = 30;

  private final Violations violations = new Violations();

  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  void nothingIsWrong(int threads) {
    Torture.Status end = torture(null, 3, threads);
    assertThat(violations.texts()).as("seed=%d", SEED).isEmpty();
    assertThat(end.figures()).endsWith("backlog=0 backlogBytes=0 pageBytes=0");
    for (String kind : List.of("freed", "remote", "deferred", "empty", "owners")) {
      assertThat(end.figures()).as("each kind happens").containsPattern(kind + "=[1-9]");
    }
  }

  @ParameterizedTest
  @CsvSource({"no-wait, 2", "no-wait, 8", "early-reuse, 2", "early-reuse, 8"})
  void aPlantedFaultIsFound(String fault, int threads) {
    torture(fault, MOST_SECONDS, threads);
    assertThat(violations.texts())
        .as("seed=%d", SEED)
        .anyMatch(text -> text.startsWith("what a section has found is not used again: "));
  }

  @Test
  void contentsThatAreNotEmptyAreFound() {
    torture("stale-contents", MOST_SECONDS, 8);
    assertThat(violations.texts())
        .as("seed=%d", SEED)
        .anyMatch(text -> text.startsWith("a fragment is handed out EMPTY: "));
  }

  @Test
  void anotherFaultIsRefused() {
    assertThatThrownBy(() -> torture("missing-fence", 1, 2))
        .isInstanceOf(PageTableException.class)
        .hasMessageContaining("no-wait, early-reuse, stale-contents");
  }

  private Torture.Status torture(@Nullable String fault, int seconds, int threads) {
    long start = System.nanoTime();
    Torture.Status end =
        new Torture(FragmentScenario.open(RcuFlavour.ASYMMETRIC, fault, violations), violations)
            .run(seconds, threads, SEED, status -> {});
    System.out.printf(
        "seed=%d threads=%d fault=%s millis=%d %s%n",
        SEED, threads, fault, (System.nanoTime() - start) / 1_000_000, end);
    violations.texts().stream().limit(1).forEach(System.out::println);
    return end;
  }
}
