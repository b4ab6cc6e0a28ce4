package dev.memdesc.core.rcu;

import org.junit.jupiter.api.Test;

/**
 * Model-checks the machine and the queue as they are. {@link RcuFaultsLincheckTest} shows that each
 * step of them is needed.
 */
final class RcuLincheckTest {
  @Test
  void nothingIsReclaimedUnderASectionAndNothingIsLost() {
    RcuModel.options().check(Sound.class);
  }

  @Test
  void aHeadMayBeQueuedAgainWhileItsReclaimRuns() {
    RcuModel.options().check(SoundReuse.class);
  }

  /** The queue as it is. */
  public static final class SoundReuse extends HeadReuseModel {
    /** For Lincheck. */
    public SoundReuse() {
      super(rcu -> new CallbackQueue(rcu::failed));
    }
  }

  /** RCU as it is. */
  public static final class Sound extends RcuModel {
    /** For Lincheck. */
    public Sound() {
      super(new GracePeriods(), FencedReader::new, rcu -> new CallbackQueue(rcu::failed));
    }
  }
}
