package dev.memdesc.bench.torture;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells threads that hang from threads that get no processor.
 *
 * <p>Time alone says nothing on a busy machine. Time counts only while the watchdog itself runs: a
 * process that was suspended for ten seconds was watched for none. When nothing has moved for five
 * seconds of that time, the watchdog becomes a thread as those it watches: it computes. A scheduler
 * that gives it half a second of processor, in many slices, has meanwhile run whoever else wanted
 * to. It barks if still nothing has moved, and each thread has either used the processor itself,
 * which it had for nothing, or does not ask for it.
 */
final class Watchdog {
  private static final long MOST_TICK_NANOS = 100_000_000;
  private static final long PATIENCE_NANOS = 5_000_000_000L;
  private static final long YARDSTICK_NANOS = 500_000_000;
  private static final long SHARE_NANOS = 50_000_000;
  private static final long BURN_NANOS = 10_000_000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Supplier<Collection<Thread>> watched;
  private final LongSupplier progress;
  private final Map<Thread, Long> cpuBefore = new HashMap<>();
  private long lastProgress;
  private long lastTick = System.nanoTime();
  private long watchedNanos;
  private long burnt;

  /**
   * Begins to watch.
   *
   * @param watched who must move, those who still live
   * @param progress changes whenever anything moves
   */
  Watchdog(Supplier<Collection<Thread>> watched, LongSupplier progress) {
    this.watched = watched;
    this.progress = progress;
    this.lastProgress = progress.getAsLong();
  }

  /**
   * Looks; to be called often.
   *
   * @return what hangs, or null
   */
  @Nullable String look() {
    long now = System.nanoTime();
    watchedNanos += Math.min(now - lastTick, MOST_TICK_NANOS);
    lastTick = now;
    long current = progress.getAsLong();
    if (current != lastProgress) {
      lastProgress = current;
      watchedNanos = 0;
      cpuBefore.clear();
      burnt = 0;
    } else if (watchedNanos >= PATIENCE_NANOS) {
      if (cpuBefore.isEmpty()) {
        watched.get().forEach(thread -> cpuBefore.put(thread, cpuNanos(thread)));
      }
      burn();
      if (burnt >= YARDSTICK_NANOS && progress.getAsLong() == lastProgress) {
        return accuse();
      }
    }
    return null;
  }

  private @Nullable String accuse() {
    StringBuilder stuck = new StringBuilder();
    for (Thread thread : watched.get()) {
      long used = cpuNanos(thread) - cpuBefore.getOrDefault(thread, 0L);
      if (used < SHARE_NANOS && thread.getState() == Thread.State.RUNNABLE) {
        return null;
      }
      stuck.append(describe(thread, used));
    }
    return "watchedMillis=%d, cpuMillis=%d%s"
        .formatted(watchedNanos / 1_000_000, burnt / 1_000_000, stuck);
  }

  private static String describe(Thread thread, long usedNanos) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%n  thread=%s, state=%s, cpuMillis=%d"
            .formatted(thread.getName(), thread.getState(), usedNanos / 1_000_000));
    StackTraceElement[] stack = thread.getStackTrace();
    for (int i = 0; i < Math.min(stack.length, 6); i++) {
      text.append(i == 0 ? ", at " : " < ").append(stack[i]);
    }
    return text.toString();
  }

  /** Uses the processor for a moment, and counts how much of it there was. */
  private void burn() {
    long cpu = ownCpuNanos();
    long until = System.nanoTime() + BURN_NANOS;
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    burnt += ownCpuNanos() - cpu;
  }

  private static long ownCpuNanos() {
    return THREADS.isCurrentThreadCpuTimeSupported()
        ? THREADS.getCurrentThreadCpuTime()
        : System.nanoTime();
  }

  /** What a thread has used of the processor; where the JVM cannot say, as much as there was. */
  static long cpuNanos(Thread thread) {
    return THREADS.isThreadCpuTimeSupported()
        ? Math.max(0, THREADS.getThreadCpuTime(thread.threadId()))
        : System.nanoTime();
  }

  /** Threads that run callbacks, of any RCU in this JVM: they may be those that drive. */
  static Collection<Thread> callbackThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("memdesc-rcu"))
        .toList();
  }
}
