package dev.memdesc.bench.torture;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.random.RandomGenerator;

/** A thread that plays a role until it is told to stop, and how far it is. */
final class Player implements Runnable {
  private final TortureScenario.Role role;
  private final RandomGenerator random;
  private final Violations violations;
  private final Thread thread;
  private volatile boolean begun;
  private volatile boolean stop;
  // Written by the player's thread alone.
  private volatile long operations;
  private volatile long steps;

  Player(TortureScenario.Role role, RandomGenerator random, Violations violations, String name) {
    this.role = role;
    this.random = random;
    this.violations = violations;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this);
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes both
  public void run() {
    try {
      role.begin();
      begun = true;
      while (!stop) {
        operations += role.step(random);
        steps++;
      }
      role.end();
    } catch (RuntimeException | Error e) {
      report(violations, thread.getName(), e);
    } finally {
      begun = true;
    }
  }

  /**
   * Notes what a thread threw: too little memory says something about the machine, anything else
   * about what is tortured.
   */
  static void report(Violations violations, String thread, Throwable thrown) {
    String text = "a thread must not throw: thread=%s, thrown=%s".formatted(thread, thrown);
    if (thrown instanceof VirtualMachineError
        || (thrown instanceof PageTableException known && known.reason() == Reason.OUT_OF_MEMORY)) {
      violations.alarm(text);
    } else {
      violations.add(text);
    }
  }

  Thread thread() {
    return thread;
  }

  /** Whether its first step comes next or is over. */
  boolean hasBegun() {
    return begun;
  }

  /** Lets it end after the step that it is in. */
  void stop() {
    stop = true;
  }

  long operations() {
    return operations;
  }

  long steps() {
    return steps;
  }
}
