package dev.memdesc.bench.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** Runs the roles of a scenario, a thread each, until the time is over or something is wrong. */
public final class Torture {
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long POLL_MILLIS = 20;
  // A run that proved nothing so far goes on for so long, once all its time is over.
  private static final int MORE_SECONDS = 10;
  // When something is wrong already, what does not end soon has told enough.
  private static final int LAST_SECONDS = 5;
  // Of threads that move, but do not come to an end.
  private static final int MOST_SECONDS_TO_END = 300;

  private final TortureScenario scenario;
  private final Violations violations;
  private final List<Player> players = new ArrayList<>();
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
   * @param violations found so far, alarms among them
   * @param operations done so far, counted in portions
   * @param gracePeriods that are over
   * @param seconds since all threads had begun
   * @param peakBacklogBytes the most bytes that waited for a grace period, asked each second
   * @param proven whether anything was read and any grace period was over before the threads were
   *     told to end
   * @param cpuMillis processor time that the threads had before they were told to end
   * @param figures of the scenario
   */
  public record Status(
      long violations,
      long operations,
      long gracePeriods,
      long seconds,
      long peakBacklogBytes,
      boolean proven,
      long cpuMillis,
      String figures) {}

  /** Ends the run before its time, from any thread. */
  public void stop() {
    stop = true;
  }

  /**
   * Runs.
   *
   * @param seed of the threads' choices; what the scheduler does is not repeated
   * @param everySecond told where the run is
   * @return where it ended
   */
  public Status run(int seconds, int threads, long seed, Consumer<Status> everySecond) {
    long start;
    boolean proven;
    long cpuMillis;
    try {
      begin(threads, seed);
      start = System.nanoTime();
      play(start, seconds, everySecond);
      proven = scenario.provesSomething();
      cpuMillis = cpuMillis();
    } finally {
      players.forEach(Player::stop);
    }
    if (end("every thread must end", playing())) {
      Thread closer = Thread.ofPlatform().daemon().name("torture-close").start(this::close);
      end("what was tortured must close", List.of(closer));
    }
    return status(start, proven, cpuMillis);
  }

  private void begin(int threads, long seed) {
    SplittableRandom seeds = new SplittableRandom(seed);
    for (TortureScenario.Role role : scenario.roles(threads)) {
      Player player = new Player(role, seeds.split(), violations, "torture-" + players.size());
      player.thread().start();
      players.add(player);
    }
    Watchdog watchdog = watch(playing(), () -> begun() + scenario.progress());
    while (!isOver() && begun() < players.size()) {
      sleep();
      alarmIfStuck("every thread must begin", watchdog);
    }
  }

  private long begun() {
    return players.stream().filter(Player::hasBegun).count();
  }

  private void play(long start, int seconds, Consumer<Status> everySecond) {
    Watchdog watchdog = watch(playing(), scenario::progress);
    long printed = 0;
    while (!isOver() && !isTimeOver(start, seconds)) {
      sleep();
      while (!isOver() && printed < Math.min(seconds, secondsSince(start))) {
        printed++;
        everySecond.accept(status(start, scenario.provesSomething(), cpuMillis()));
      }
      alarmIfStuck("grace periods must end", watchdog);
    }
  }

  private boolean alarmIfStuck(String rule, Watchdog watchdog) {
    String stuck = watchdog.look();
    if (stuck != null) {
      violations.alarm("%s: gracePeriods=%d, %s".formatted(rule, scenario.gracePeriods(), stuck));
    }
    return stuck != null;
  }

  /**
   * Waits until threads have ended; false, and an alarm if nothing else was wrong, if not all do.
   */
  private boolean end(String rule, List<Thread> threads) {
    boolean wrongBefore = violations.count() != 0;
    long start = System.nanoTime();
    Watchdog watchdog = watch(threads, () -> alive(threads) + moved());
    while (alive(threads) > 0) {
      if (wrongBefore && secondsSince(start) >= LAST_SECONDS) {
        return false;
      }
      if (secondsSince(start) >= MOST_SECONDS_TO_END) {
        violations.alarm(
            "%s: waitedSeconds=%d, threads=%d, cpuMillis=%d; see that the machine is less busy"
                .formatted(rule, MOST_SECONDS_TO_END, alive(threads), cpuMillis()));
        return false;
      }
      sleep();
      if (alarmIfStuck(rule, watchdog)) {
        return false;
      }
    }
    return true;
  }

  private long moved() {
    return scenario.progress() + players.stream().mapToLong(Player::steps).sum();
  }

  private void close() {
    try {
      scenario.close();
    } catch (RuntimeException | Error e) {
      Player.report(violations, Thread.currentThread().getName(), e);
    }
  }

  private boolean isOver() {
    return stop || violations.count() != 0;
  }

  private boolean isTimeOver(long start, int seconds) {
    long since = secondsSince(start);
    return since >= seconds
        && (scenario.provesSomething() || since >= (long) seconds + MORE_SECONDS);
  }

  private List<Thread> playing() {
    return players.stream().map(Player::thread).toList();
  }

  private static long alive(List<Thread> threads) {
    return threads.stream().filter(Thread::isAlive).count();
  }

  private static Watchdog watch(List<Thread> threads, LongSupplier progress) {
    return new Watchdog(
        () ->
            Stream.concat(threads.stream(), Watchdog.callbackThreads().stream())
                .filter(Thread::isAlive)
                .toList(),
        progress);
  }

  private Status status(long start, boolean proven, long cpuMillis) {
    peakBacklogBytes = Math.max(peakBacklogBytes, scenario.backlogBytes());
    return new Status(
        violations.count(),
        players.stream().mapToLong(Player::operations).sum(),
        scenario.gracePeriods(),
        secondsSince(start),
        peakBacklogBytes,
        proven,
        cpuMillis,
        scenario.figures());
  }

  private long cpuMillis() {
    return players.stream().mapToLong(one -> Watchdog.cpuNanos(one.thread())).sum() / 1_000_000;
  }

  private static long secondsSince(long start) {
    return (System.nanoTime() - start) / NANOS_PER_SECOND;
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
