package dev.memdesc.tck.fault;

import java.util.EnumMap;
import java.util.Map;

/**
 * Counts what passes each {@link FaultPoint}, and makes one fail. Safe for any number of threads.
 */
final class FaultInjector {
  // All guarded by this.
  private final Map<FaultPoint, Long> remaining = new EnumMap<>(FaultPoint.class);
  private Runnable action = () -> {};
  private boolean fired;

  /**
   * The n-th pass of a point from now runs {@code action}, which throws or does something to the
   * machine; 1 is the next.
   */
  synchronized void arm(FaultPoint point, long n, Runnable action) {
    remaining.put(point, n);
    this.action = action;
    fired = false;
  }

  /** The same at another point too, at each pass of it. */
  synchronized void armAlways(FaultPoint point) {
    remaining.put(point, -1L);
  }

  /** Nothing fails any more. */
  synchronized void disarm() {
    remaining.clear();
  }

  /** Whether the action ran since it was armed. */
  synchronized boolean hasFired() {
    return fired;
  }

  /** A point is passed. */
  void pass(FaultPoint point) {
    Runnable due;
    synchronized (this) {
      Long left = remaining.get(point);
      if (left == null || left == 0) {
        return;
      }
      if (left < 0) {
        throw new InjectedFault(point);
      }
      remaining.put(point, left - 1);
      if (left > 1) {
        return;
      }
      fired = true;
      due = action;
    }
    due.run();
  }
}
