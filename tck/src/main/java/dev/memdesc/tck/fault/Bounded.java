package dev.memdesc.tck.fault;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs something in a thread of its own and does not wait for it for ever. */
final class Bounded {
  // Nothing here takes a second; a machine may be very busy.
  private static final long SECONDS = Long.getLong("memdesc.bound", 60);

  private Bounded() {}

  /**
   * What {@code work} returns.
   *
   * @param where says what hangs
   * @param failed what is thrown when it fails
   */
  static <T extends @Nullable Object> T run(
      Supplier<T> work, Supplier<String> where, Function<Throwable, AssertionError> failed) {
    FutureTask<T> task = new FutureTask<>(work::get);
    Thread.ofPlatform().daemon().name("fault-matrix").start(task);
    try {
      return task.get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw failed.apply(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError(where.get() + ": hangs\n" + stacks(), e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String stacks() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
      text.append(entry.getKey()).append('\n');
      for (StackTraceElement frame : entry.getValue()) {
        text.append("    at ").append(frame).append('\n');
      }
    }
    return text.toString();
  }
}
