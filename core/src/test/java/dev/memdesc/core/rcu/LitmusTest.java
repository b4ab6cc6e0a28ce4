package dev.memdesc.core.rcu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.rcu.Rcu;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The one ordering that model checking cannot see: a reader stores its slot and then loads, an
 * updater stores and then loads the slot, and at least one of the two must find what the other one
 * stored. Both begin each run together, at an offset that sweeps, and every run counts.
 *
 * <p>Forbidden: the grace period takes the reader for passed, and the section, which lasts until
 * after the scan, has read the old value.
 */
@Timeout(1200)
final class LitmusTest {
  private static final int RUNS = 150_000;
  // On a busy machine a meeting of two threads takes as long as others keep the processors.
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  @Test
  void theAsymmetricReaderAndTheBarrierNeverMissEachOther() {
    Litmus litmus = new Litmus(AsymmetricReader::new, new RcuFlavour.BarrierPeriods());
    assertThat(litmus.run(RUNS, Integer.MAX_VALUE, PATIENCE)).as("forbidden outcomes").isZero();
    assertThat(litmus.runs()).isEqualTo(RUNS);
  }

  @Test
  void theFencedReaderAndTheFenceNeverMissEachOther() {
    Litmus litmus = new Litmus(FencedReader::new, new GracePeriods());
    assertThat(litmus.run(RUNS, Integer.MAX_VALUE, PATIENCE)).as("forbidden outcomes").isZero();
    assertThat(litmus.runs()).isEqualTo(RUNS);
  }

  @Test
  void withoutTheBarrierTheyMissEachOther() {
    Litmus litmus = new Litmus(AsymmetricReader::new, new GracePeriods());
    assertThat(litmus.run(Integer.MAX_VALUE, 1, PATIENCE)).as("forbidden outcomes").isPositive();
    System.out.printf("without the barrier: first miss in %d runs%n", litmus.runs());
  }

  /** Two threads that meet before and after each run. */
  private static final class Litmus {
    private static final VarHandle ARRIVED = MethodHandles.arrayElementVarHandle(long[].class);
    // A cache line apart, on either side of nothing else.
    private static final int STRIDE = 32;
    private static final int READER = STRIDE;
    private static final int UPDATER = 2 * STRIDE;
    private static final int PUBLISHED = 3 * STRIDE;
    private static final int DONE = 4 * STRIDE;
    private static final int SPINS = 2000;

    private final BiFunction<Rcu, GracePeriods, ListedReader> kind;
    private final Rcu rcu = new DeterministicRcu();
    private final GracePeriods periods;
    private final long[] words = new long[6 * STRIDE];
    private long seen;
    private int runs;

    Litmus(BiFunction<Rcu, GracePeriods, ListedReader> kind, GracePeriods periods) {
      this.kind = kind;
      this.periods = periods;
    }

    int runs() {
      return runs;
    }

    /** How many forbidden outcomes there were; it ends early after {@code enough}, and in time. */
    int run(int most, int enough, Duration time) {
      long begin = System.nanoTime();
      Thread thread = Thread.ofPlatform().start(this::read);
      while (words(READER) == 0) {
        Thread.onSpinWait();
      }
      ListedReader reader = periods.readers()[0];
      int forbidden = 0;
      for (runs = 0;
          runs < most && forbidden < enough && System.nanoTime() - begin < time.toNanos(); ) {
        runs++;
        meet(UPDATER, READER, 2L * runs);
        skew(runs >> 6);
        ARRIVED.setRelease(words, PUBLISHED, (long) runs);
        boolean passed = periods.isPassed(reader, periods.begin());
        ARRIVED.setRelease(words, DONE, (long) runs);
        meet(UPDATER, READER, 2L * runs + 1);
        if (passed && seen != runs) {
          forbidden++;
        }
      }
      ARRIVED.setRelease(words, DONE, -1L);
      ARRIVED.setVolatile(words, UPDATER, Long.MAX_VALUE);
      join(thread);
      return forbidden;
    }

    private void read() {
      ListedReader reader = periods.register(() -> kind.apply(rcu, periods));
      ARRIVED.setVolatile(words, READER, 1L);
      for (long run = 1; ; run++) {
        meet(READER, UPDATER, 2 * run);
        if (words(DONE) < 0) {
          return;
        }
        skew((int) run);
        reader.enter();
        long found = (long) ARRIVED.getOpaque(words, PUBLISHED);
        for (int i = 0; words(DONE) < run; i++) {
          relax(i);
        }
        reader.exit();
        seen = found;
        meet(READER, UPDATER, 2 * run + 1);
      }
    }

    private long words(int index) {
      return (long) ARRIVED.getAcquire(words, index);
    }

    private void meet(int me, int other, long when) {
      ARRIVED.setVolatile(words, me, when);
      for (int i = 0; words(other) < when; i++) {
        relax(i);
      }
    }

    @SuppressWarnings("ThreadPriorityCheck") // where both share a processor
    private static void relax(int turn) {
      if (turn < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }

    /** Waits a little, another time each run, so that no offset between the two is left out. */
    private static void skew(int run) {
      for (int i = run & 63; i > 0; i--) {
        VarHandle.releaseFence();
      }
    }

    private static void join(Thread thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
