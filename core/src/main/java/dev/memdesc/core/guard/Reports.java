package dev.memdesc.core.guard;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells people of what happened, and never throws: a log handler whose disk is full, a heap that is
 * full, or a runtime without flight recorder must not stop the work of whoever reports. What could
 * not be told is counted.
 */
public final class Reports {
  private static final AtomicLong LOST = new AtomicLong();

  private Reports() {}

  /** What is to be told; it may throw anything. */
  @FunctionalInterface
  public interface Report {
    /** Tells it. */
    void tell() throws Throwable;
  }

  /**
   * Tells something.
   *
   * @return whether it could be told
   */
  public static boolean tell(Report report) {
    try {
      report.tell();
      return true;
    } catch (Throwable _) {
      // Nobody can be told of that either.
      lost();
      return false;
    }
  }

  /** Logs a message whose {@code {0}}, {@code {1}} are values. */
  public static void log(Logger logger, Level level, String message, Object... values) {
    // Not by tell, which would need an object first: the heap may be full.
    try {
      logger.log(level, message, values);
    } catch (Throwable _) {
      lost();
    }
  }

  /** Logs a message with what was thrown. */
  public static void logThrown(Logger logger, Level level, String message, Throwable thrown) {
    try {
      logger.log(level, message, thrown);
    } catch (Throwable _) {
      lost();
    }
  }

  /** Counts a report that could not be made. */
  public static void lost() {
    LOST.getAndIncrement();
  }

  /** How many reports could not be made since this class was loaded. */
  public static long lostReports() {
    return LOST.get();
  }
}
