package dev.memdesc.api;

import java.util.concurrent.locks.LockSupport;

/**
 * How a thread waits for a step that another thread, or a unit, is about to take: it looks again at
 * once about 100 times, then lets others run, then sleeps between two looks. So a short wait costs
 * no call to the system, and whoever is waited for gets a processor, also where there are fewer
 * processors than threads, or fewer carriers than virtual threads.
 *
 * <pre>{@code
 * for (int tries = 0; !isThere(); tries++) {
 *   SpinWait.pause(tries);
 * }
 * }</pre>
 *
 * <p>Nothing is allocated. An interrupt ends neither the wait nor the sleeping; the flag stays set.
 */
public final class SpinWait {
  /** How many looks come at once, one after the other. */
  public static final int SPINS = 100;

  /** After how many looks a waiter sleeps; before, it yields. */
  public static final int TRIES_AWAKE = 200;

  /** How long a waiter sleeps between two looks, in nanoseconds. */
  public static final long PARK_NANOS = 20_000;

  private SpinWait() {}

  /**
   * Waits before the next look.
   *
   * @param tries how often the caller has paused before, from 0
   */
  @SuppressWarnings("ThreadPriorityCheck") // yield lets the holder run; the park follows soon
  public static void pause(int tries) {
    if (tries >= 0 && tries < SPINS) {
      Thread.onSpinWait();
    } else if (tries >= 0 && tries < TRIES_AWAKE) {
      Thread.yield();
    } else {
      // Also if the number of tries has become negative.
      park(PARK_NANOS);
    }
  }

  /**
   * Sleeps, also if the thread is interrupted: with the flag set a park returns at once, and the
   * waiter would keep its processor. The flag is set again when this returns.
   *
   * @param nanos for how long at most, in nanoseconds
   */
  public static void park(long nanos) {
    if (!Thread.interrupted()) {
      LockSupport.parkNanos(nanos);
      return;
    }
    try {
      LockSupport.parkNanos(nanos);
    } finally {
      Thread.currentThread().interrupt();
    }
  }
}
