package dev.memdesc.tck;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.TestAbortedException;

/**
 * Runs a check of the kit with a limit of time, in a thread of its own, and says at once which
 * sentence does not hold: a test run prints nothing of a check until its whole class is done, and a
 * backend that loops would have it wait for ever.
 *
 * <p>A check that does not come back cannot be stopped. Its thread stays behind, and the other
 * checks of the same format are passed over, because each would do the same.
 */
public final class Limited {
  /** The system property for the limit of one check, in seconds. */
  public static final String LIMIT_PROPERTY = "memdesc.check.seconds";

  private static final long DEFAULT_SECONDS = 300;

  private static final Set<String> STUCK = ConcurrentHashMap.newKeySet();

  private Limited() {}

  /** Seconds that a check may take. */
  static long seconds() {
    return Long.getLong(LIMIT_PROPERTY, DEFAULT_SECONDS);
  }

  /**
   * Runs a check.
   *
   * @param subject what is checked: a backend's or a format's name
   * @param sentence what must hold
   * @throws Throwable what the check throws; an {@link AssertionError} with the sentence and where
   *     the check is if it does not end
   */
  public static void run(String subject, String sentence, Executable check) throws Throwable {
    run(subject, sentence, seconds(), check);
  }

  static void run(String subject, String sentence, long seconds, Executable check)
      throws Throwable {
    if (STUCK.contains(subject)) {
      throw new TestAbortedException("an earlier check of " + subject + " did not end");
    }
    FutureTask<Throwable> task =
        new FutureTask<>(
            () -> {
              try {
                check.execute();
                return null;
              } catch (Throwable e) {
                return e;
              }
            });
    Thread thread = Thread.ofPlatform().daemon().name("check: " + sentence).start(task);
    Throwable failure;
    try {
      failure = task.get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      STUCK.add(subject);
      AssertionError stuck =
          new AssertionError(
              "%s: %s: the check must end within %d s; it is at the place below"
                  .formatted(subject, sentence, seconds));
      stuck.setStackTrace(thread.getStackTrace());
      thread.interrupt();
      failure = stuck;
    } catch (InterruptedException e) {
      thread.interrupt();
      throw e;
    }
    if (failure != null) {
      if (!(failure instanceof TestAbortedException)) {
        System.err.println("FAILED: " + subject + ": " + sentence + ": " + failure.getMessage());
      }
      throw failure;
    }
  }
}
