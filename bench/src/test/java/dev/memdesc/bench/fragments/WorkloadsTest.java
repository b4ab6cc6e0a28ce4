package dev.memdesc.bench.fragments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.bench.policy.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The oracles of {@code bench fragments}. */
final class WorkloadsTest {
  private static final long SEED = 42;
  private static final Churn.Size SMALL = new Churn.Size(10_000, 500, 50_000, 100);

  private static Churn churn(Policy policy, int fragments, Churn.Size size) {
    return Churn.run(policy, Sharing.of(fragments), size, SEED, _ -> {});
  }

  @Test
  void aBumpPointerHoldsAPageUntilItsLastTableGoes() {
    Stranded result = Stranded.run(Policy.BUMP, Sharing.RADIX_64K, SEED);
    assertThat(result).isEqualTo(new Stranded(65536, 65536, 65536, 0));
  }

  @Test
  void memdescHandsOutAll255AgainAndTakesNoNewPage() {
    Stranded result = Stranded.run(Policy.OURS, Sharing.RADIX_64K, SEED);
    assertThat(result).isEqualTo(new Stranded(65536, 65536, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "OURS, 2048",
    "HALVES, 2048",
    "ACTIVE_HALVES, 2048",
    "SKETCH, 2048",
    "HEAD_BITS, 2048",
    "FULL_PAGE, 4096"
  })
  void aDenseGibibyteTakesThisManyKibibytesOnS390(Policy policy, int kib) {
    assertThat(Dense.run(policy, Sharing.HALVES).pageBytes()).isEqualTo(kib * 1024L);
  }

  @ParameterizedTest
  @CsvSource({"OURS, 2", "OURS, 16", "OURS, 256", "OURS_FULLEST, 256"})
  void memdescTakesAtMostThreePercentMoreThanIsLiveUnderChurn(Policy policy, int fragments) {
    Churn result = churn(policy, fragments, Churn.Size.FULL);
    assertThat(result.ratio()).isBetween(1.0, 1.03);
    assertThat(result.survivorPageBytes()).isGreaterThanOrEqualTo(result.survivorBytes());
  }

  @ParameterizedTest
  @CsvSource({"HALVES, 1.0, 1.05", "HEAD_BITS, 1.0, 1.05", "SKETCH, 1.0, 1.05"})
  void thosePoliciesThatUseHalvesAgainStayCloseToWhatIsLive(
      Policy policy, double least, double most) {
    assertThat(churn(policy, 2, SMALL).ratio()).isBetween(least, most);
  }

  @ParameterizedTest
  @CsvSource({"ACTIVE_HALVES, 2, 1.4", "BUMP, 2, 1.4", "BUMP, 256, 3", "FULL_PAGE, 2, 2"})
  void thosePoliciesThatDoNotAreFarFromIt(Policy policy, int fragments, double least) {
    assertThat(churn(policy, fragments, SMALL).ratio()).isGreaterThanOrEqualTo(least);
  }

  @ParameterizedTest
  @CsvSource({"2", "16", "256"})
  void memdescTakesWhatIsLiveAndWhatWaitsWithLiveGracePeriods(int fragments) {
    Sharing sharing = Sharing.of(fragments);
    Churn result = Churn.runLive(Policy.OURS, sharing, SMALL, SEED, _ -> {});
    // A head is a page's. As many as may wait, those that were called since they were counted last,
    // and as many again whose callbacks run.
    long heads = 2L * FragmentsReport.backlogBound() + SMALL.graceEvery();
    long waiting = heads * sharing.pageBytes();
    assertThat(result.mostPageBytes())
        .isLessThanOrEqualTo((long) (1.03 * result.liveBytes()) + waiting);
    assertThat(result.survivorPageBytes()).isGreaterThanOrEqualTo(result.survivorBytes());
  }

  @Test
  void theSameSeedGivesTheSameFigures() {
    assertThat(churn(Policy.HALVES, 2, SMALL)).isEqualTo(churn(Policy.HALVES, 2, SMALL));
    assertThat(Churn.run(Policy.HALVES, Sharing.HALVES, SMALL, SEED + 1, _ -> {}))
        .isNotEqualTo(churn(Policy.HALVES, 2, SMALL));
  }

  @Test
  void aCurveBeginsAndEndsWhereTheFiguresDo() {
    Churn result = churn(Policy.BUMP, 16, SMALL);
    assertThat(result.curve()).hasSize(201);
    assertThat(result.curve().getLast()).isEqualTo(result.survivorPageBytes());
    assertThat(result.mostPageBytes()).isGreaterThanOrEqualTo(result.pageBytes());
  }

  @Test
  void aRampOfWholePagesFallsWithWhatIsLive() {
    Ramp result = Ramp.run(Policy.FULL_PAGE, Sharing.HALVES, Ramp.Size.FULL, SEED);
    assertThat(result.peakPageBytes()).isEqualTo(20_000 * 4096L);
    assertThat(result.lowRatio()).isEqualTo(2);
    assertThat(result.ratio()).isEqualTo(2);
  }

  @Test
  void aRampIsFollowedByBothOrdersOfTheList() {
    Ramp newest = Ramp.run(Policy.OURS, Sharing.RADIX_64K, Ramp.Size.FULL, SEED);
    Ramp fullest = Ramp.run(Policy.OURS_FULLEST, Sharing.RADIX_64K, Ramp.Size.FULL, SEED);
    assertThat(newest.lowPageBytes()).isEqualTo(fullest.lowPageBytes());
    assertThat(fullest.pageBytes()).isLessThanOrEqualTo(newest.pageBytes());
    assertThat(newest.pageBytes()).isLessThanOrEqualTo(newest.peakPageBytes());
  }

  @Test
  void aNumberOfTablesThatNobodyHasIsRefused() {
    assertThatThrownBy(() -> Sharing.of(3)).hasMessageContaining("there are 2, 4, 16, 256");
    assertThatThrownBy(() -> Policy.of("slab")).hasMessageContaining("powerpc-bump");
  }
}
