package dev.memdesc.core.rcu;

import dev.memdesc.core.guard.Reports;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;

/**
 * How the one who drives a grace period waits for readers: it looks again at once, then lets others
 * run, then sleeps, longer each time up to a millisecond. While it sleeps it also counts what is
 * queued meanwhile, takes readers off the list whose thread has ended, and reports those that stay
 * too long.
 */
@SuppressWarnings("ThreadPriorityCheck") // yielding only saves time, nothing depends on it
final class GraceWait {
  private static final System.Logger LOGGER = System.getLogger("dev.memdesc.rcu");
  private static final int SPINS = 200;
  private static final int YIELDS = 50;
  private static final long FIRST_SLEEP_NANOS = 20_000;
  private static final long LAST_SLEEP_NANOS = 1_000_000;
  private static final long URGENT_NANOS = 10_000_000;
  // As much of the time between two looks counts as waiting.
  private static final long MOST_LOOK_NANOS = 100_000_000;

  private final GracePeriods periods;
  private final CallbackQueue callbacks;
  private final LongPredicate urgent;
  private final long stallNanos;
  private final AtomicLong stalls = new AtomicLong();

  /**
   * @param urgent whether nobody should sleep in the grace period with this word
   */
  GraceWait(
      GracePeriods periods, CallbackQueue callbacks, LongPredicate urgent, Duration stallTimeout) {
    this.periods = periods;
    this.callbacks = callbacks;
    this.urgent = urgent;
    this.stallNanos = stallTimeout.toNanos();
  }

  /** Waits for every section that was entered before the grace period began. */
  void await(long word) {
    for (ListedReader reader : periods.readers()) {
      if (!periods.isPassed(reader, word) && !spin(reader, word)) {
        sleep(reader, word);
      }
    }
  }

  /** How often a reader was reported. */
  long stalls() {
    return stalls.get();
  }

  private boolean spin(ListedReader reader, long word) {
    for (int i = 0; i < SPINS + YIELDS; i++) {
      if (periods.isPassed(reader, word)) {
        return true;
      }
      if (i < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    return false;
  }

  private void sleep(ListedReader reader, long word) {
    long last = System.nanoTime();
    long waited = 0;
    long nextReport = stallNanos;
    long sleepNanos = FIRST_SLEEP_NANOS;
    boolean interrupted = false;
    try {
      while (!periods.isPassed(reader, word) && !isDead(reader)) {
        callbacks.absorb();
        // A process that was suspended, or had no processor, has not given the reader its time.
        long now = System.nanoTime();
        waited += Math.min(now - last, MOST_LOOK_NANOS);
        last = now;
        if (waited >= nextReport) {
          report(reader, waited);
          nextReport = waited + stallNanos;
        }
        if (waited < URGENT_NANOS && urgent.test(word)) {
          Thread.yield();
        } else {
          // With the flag set it would not sleep; it is set again below.
          interrupted |= Thread.interrupted();
          LockSupport.parkNanos(this, sleepNanos);
          sleepNanos = Math.min(2 * sleepNanos, LAST_SLEEP_NANOS);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean isDead(ListedReader reader) {
    if (reader.owner.isAlive()) {
      return false;
    }
    // It uses nothing any more, also while there is no heap for the list without it.
    try {
      takeOff(reader);
    } catch (Throwable _) {
      Reports.lost();
    }
    return true;
  }

  private void takeOff(ListedReader reader) {
    if (periods.removeIfDead(reader)) {
      LOGGER.log(
          Level.WARNING,
          "a thread ends outside of any section and closes its reader: reader={0}; it was taken off"
              + " the list",
          reader.owner.getName());
    }
  }

  private void report(ListedReader reader, long waitedNanos) {
    Reports.tell(
        () -> {
          String message = message(reader, waitedNanos);
          RcuEvents.stall(reader.owner, waitedNanos, message);
          LOGGER.log(Level.WARNING, message);
        });
    // When it has been: who waits for the count may let the reader go.
    stalls.incrementAndGet();
  }

  private static String message(ListedReader reader, long waitedNanos) {
    StringBuilder stack = new StringBuilder();
    for (StackTraceElement element : reader.owner.getStackTrace()) {
      stack.append("\n\tat ").append(element);
    }
    return "a read section is short: reader=%s, depth=%d, waited=%d ms; its thread is%s"
        .formatted(
            reader.owner.getName(),
            reader.depth(),
            waitedNanos / 1_000_000,
            stack.isEmpty() ? " gone" : stack);
  }
}
