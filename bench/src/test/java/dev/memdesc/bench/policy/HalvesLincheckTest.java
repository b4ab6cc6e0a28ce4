package dev.memdesc.bench.policy;

import org.junit.jupiter.api.Test;

/**
 * Model-checks how s390 6.1 frees halves. {@link ReleaseRaceLincheckTest} shows that it can fail.
 */
final class HalvesLincheckTest {
  @Test
  void halvesAreFreedByTwoThreadsAndACallback() {
    PoolLincheck.options().check(Sound.class);
  }

  /** As in 6.1. */
  public static final class Sound extends CheckedHalves {
    /** For Lincheck. */
    public Sound() {
      super(host -> new HalvesPool(host, 32, HalvesPool.Release.TWO_STEPS));
    }
  }
}
