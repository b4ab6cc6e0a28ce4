package dev.memdesc.bench.policy;

import org.junit.jupiter.api.Test;

/** Model-checks powerpc's bump pointer. {@link BadPageLincheckTest} shows that it can fail. */
final class BumpLincheckTest {
  @Test
  void fragmentsAreFreedWhileTheOwnerExits() {
    PoolLincheck.options().check(Sound.class);
  }

  /** As since March 2026. */
  public static final class Sound extends CheckedBump {
    /** For Lincheck. */
    public Sound() {
      super(BumpPool.Exit.CLEARS_ACTIVE_MARK);
    }
  }
}
