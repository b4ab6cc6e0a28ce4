package dev.memdesc.bench.torture;

import dev.memdesc.bench.torture.TortureScenario.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Runs the roles of a scenario, a thread each, until the time is over or something is wrong. */
public final class Torture {
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final int MOST_SECONDS_WITHOUT = 5;
  private static final long POLL_MILLIS = 20;
  private static final long JOIN_MILLIS = 20_000;

  private final TortureScenario scenario;
  private final Violations violations;
  private final AtomicLong operations = new AtomicLong();
  private volatile boolean stop;
  // Of the thread that runs it.
  private long peakBacklogBytes;

  /** Prepares to torture. */
  public Torture(TortureScenario scenario, Violations violations) {
    this.scenario = scenario;
    this.violations = violations;
  }

  /**
   * Where a run is.
   *
   * @param violations found so far
   * @param operations done so far, counted in portions
   * @param gracePeriods that are over
   * @param seconds since it began
   * @param peakBacklogBytes the most bytes that waited for a grace period, asked each second
   * @param figures of the scenario
   */
  public record Status(
      long violations,
      long operations,
      long gracePeriods,
      long seconds,
      long peakBacklogBytes,
      String figures) {}

  /**
   * Runs.
   *
   * @param seed of the threads' choices; what the scheduler does is not repeated
   * @param everySecond told where the run is
   * @return where it ended
   */
  public Status run(int seconds, int threads, long seed, Consumer<Status> everySecond) {
    SplittableRandom seeds = new SplittableRandom(seed);
    List<Thread> running = new ArrayList<>();
    long start = System.nanoTime();
    for (Role role : scenario.roles(threads)) {
      SplittableRandom random = seeds.split();
      running.add(
          Thread.ofPlatform()
              .daemon()
              .name("torture-" + running.size())
              .start(() -> play(role, random)));
    }
    long printed = 0;
    long progress = 0;
    long progressAt = 0;
    while (violations.count() == 0 && printed < seconds) {
      sleep();
      if ((System.nanoTime() - start) / NANOS_PER_SECOND > printed) {
        printed++;
        Status status = status(start);
        everySecond.accept(status);
        if (status.gracePeriods() != progress) {
          progress = status.gracePeriods();
          progressAt = printed;
        } else if (printed - progressAt >= MOST_SECONDS_WITHOUT) {
          violations.add("grace periods end: last=%d, seconds=%d".formatted(progress, printed));
        }
      }
    }
    stop = true;
    boolean ended = join(running);
    if (ended) {
      scenario.close();
    }
    return status(start);
  }

  private void play(Role role, SplittableRandom random) {
    try {
      role.begin();
      while (!stop) {
        operations.addAndGet(role.step(random));
      }
      role.end();
    } catch (RuntimeException | Error e) {
      violations.add(
          "a thread does not throw: thread=%s, thrown=%s"
              .formatted(Thread.currentThread().getName(), e));
    }
  }

  private Status status(long start) {
    peakBacklogBytes = Math.max(peakBacklogBytes, scenario.backlogBytes());
    return new Status(
        violations.count(),
        operations.get(),
        scenario.gracePeriods(),
        (System.nanoTime() - start) / NANOS_PER_SECOND,
        peakBacklogBytes,
        scenario.figures());
  }

  private boolean join(List<Thread> threads) {
    try {
      for (Thread thread : threads) {
        thread.join(JOIN_MILLIS);
        if (thread.isAlive()) {
          violations.add("every thread ends: thread=%s".formatted(thread.getName()));
          return false;
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("torture is not interrupted", e);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("torture is not interrupted", e);
    }
  }
}
