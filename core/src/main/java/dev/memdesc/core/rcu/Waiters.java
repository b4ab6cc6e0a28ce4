package dev.memdesc.core.rcu;

import java.util.function.BooleanSupplier;

/** Threads that wait until callbacks have run. Whoever ran some says so; the others look again. */
final class Waiters {
  // Written under this object's lock; read volatile by those who signal, so that nobody waiting
  // costs no lock: a waiter counts itself before it looks, a signaller looks after it has worked.
  private volatile int waiting;

  /**
   * Waits until the condition holds or the time is over. Being interrupted does not end it.
   *
   * @return whether the condition holds
   */
  boolean await(BooleanSupplier condition, long nanos) {
    long start = System.nanoTime();
    boolean interrupted = false;
    try {
      synchronized (this) {
        waiting++;
        try {
          while (true) {
            if (condition.getAsBoolean()) {
              return true;
            }
            long left = nanos - (System.nanoTime() - start);
            if (left <= 0) {
              return false;
            }
            try {
              wait(Math.max(1, Math.min(left / 1_000_000, 1000)));
            } catch (InterruptedException e) {
              interrupted = true;
            }
          }
        } finally {
          waiting--;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Lets those who wait look again. */
  void signal() {
    if (waiting > 0) {
      synchronized (this) {
        notifyAll();
      }
    }
  }
}
