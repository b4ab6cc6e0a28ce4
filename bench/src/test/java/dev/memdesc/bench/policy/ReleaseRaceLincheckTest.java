package dev.memdesc.bench.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * The race of s390's 2 KiB halves that was fixed in early 2022: while one thread has taken the last
 * bit A away and is about to take the page off the list, a callback for the other half sees that no
 * bit is left and gives the page back.
 */
final class ReleaseRaceLincheckTest {
  @Test
  void aPageGivenBackWhileItIsOnTheListIsFound() {
    String report = PoolLincheck.failureOf(OneStep.class);
    System.out.println(report);
    assertThat(report)
        .as("what Lincheck found, with the interleaving")
        .contains("a page is on no list when it is given back")
        .contains("gracePeriod()")
        .contains("free()")
        .contains("flip");
  }

  /** Without P. */
  public static final class OneStep extends CheckedHalves {
    /** For Lincheck. */
    public OneStep() {
      super(host -> new HalvesPool(host, 32, HalvesPool.Release.ONE_STEP));
    }
  }
}
