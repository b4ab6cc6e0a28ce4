package dev.memdesc.bench.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.rcu.FaultyRcu;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.rcu.RcuOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Short torture: seconds where a release gets a minute. */
@Timeout(180)
final class RcuTortureTest {
  private static final long SEED = Long.getLong("memdesc.seed", System.nanoTime());

  // Mostly found within the first seconds; a busy machine gets more.
  private static final int MOST_SECONDS = 60;

  private final Violations violations = new Violations();

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void oneReaderAndOneUpdaterFindNothingWrong(RcuFlavour flavour) {
    Torture.Status end = torture(flavour.open(), 2, 2);
    assertThat(violations.texts()).as("seed=%d", SEED).isEmpty();
    assertThat(end.gracePeriods()).isGreaterThan(1000);
  }

  @Test
  void eightThreadsFindNothingWrong() {
    Torture.Status end = torture(RcuFlavour.ASYMMETRIC.open(), 4, 8);
    assertThat(violations.texts()).as("seed=%d", SEED).isEmpty();
    assertThat(end.gracePeriods()).isGreaterThan(60);
  }

  @ParameterizedTest
  @CsvSource({
    "NO_WAIT, 2",
    "NO_WAIT, 8",
    "MISSING_FENCE, 2",
    "MISSING_FENCE, 8",
    "EARLY_COOKIE, 8",
    "EARLY_CALLBACK, 8",
    "LOST_NESTING, 8"
  })
  void aPlantedFaultIsFound(FaultyRcu.Fault fault, int threads) {
    Torture.Status end =
        torture(
            FaultyRcu.open(RcuFlavour.ASYMMETRIC, fault, RcuOptions.DEFAULT),
            MOST_SECONDS,
            threads);
    assertThat(violations.count()).as("seed=%d", SEED).isPositive();
    assertThat(violations.found()).isTrue();
    assertThat(end.seconds()).as("stops at once").isLessThanOrEqualTo(MOST_SECONDS);
  }

  private Torture.Status torture(Rcu rcu, int seconds, int threads) {
    Torture.Status[] last = new Torture.Status[1];
    Torture.Status end =
        new Torture(new RcuScenario(rcu, violations), violations)
            .run(seconds, threads, SEED, status -> last[0] = status);
    System.out.printf("seed=%d threads=%d %s%n", SEED, threads, end);
    return end;
  }
}
