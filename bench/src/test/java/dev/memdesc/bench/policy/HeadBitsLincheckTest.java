package dev.memdesc.bench.policy;

import org.junit.jupiter.api.Test;

/** Model-checks the variant with bits for the head: one head, and callbacks that call again. */
final class HeadBitsLincheckTest {
  @Test
  void halvesAreFreedByTwoThreadsAndACallback() {
    PoolLincheck.options().check(Sound.class);
  }

  /** As proposed. */
  public static final class Sound extends CheckedHalves {
    /** For Lincheck. */
    public Sound() {
      super(host -> new HeadBitsPool(host, 32));
    }
  }
}
