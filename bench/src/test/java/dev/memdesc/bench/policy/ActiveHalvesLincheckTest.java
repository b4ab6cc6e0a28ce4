package dev.memdesc.bench.policy;

import org.junit.jupiter.api.Test;

/** Model-checks s390 6.6: a page that had a half deferred goes whole, and once. */
final class ActiveHalvesLincheckTest {
  @Test
  void halvesAreFreedByTwoThreadsAndACallback() {
    PoolLincheck.options().check(Sound.class);
  }

  /** As in 6.6. */
  public static final class Sound extends CheckedHalves {
    /** For Lincheck. */
    public Sound() {
      super(host -> new ActiveHalvesPool(host, 32));
    }
  }
}
