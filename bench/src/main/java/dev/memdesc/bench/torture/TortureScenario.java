package dev.memdesc.bench.torture;

import java.util.List;
import java.util.random.RandomGenerator;

/** What is tortured: who does what, and what must be true at the end. */
public interface TortureScenario extends AutoCloseable {
  /** What each thread does, one role a thread. */
  List<Role> roles(int threads);

  /** Grace periods so far. */
  long gracePeriods();

  /** Bytes that wait for a grace period. */
  long backlogBytes();

  /** Changes whenever grace periods end or callbacks run. */
  long progress();

  /**
   * Whether so far at least one grace period was over and something was read that was checked:
   * without both, a run that finds nothing says nothing.
   */
  boolean provesSomething();

  /** More figures for the line of each second, {@code name=value} with blanks between. */
  String figures();

  /** Gives everything back and reports what is left over. Called when every role has ended. */
  @Override
  void close();

  /** One thread's part. All methods are called by that thread. */
  interface Role {
    /** The thread starts. */
    default void begin() {}

    /**
     * Does one thing, at most some milliseconds long.
     *
     * @return how many operations it was
     */
    int step(RandomGenerator random);

    /** The thread ends; what is open is closed. */
    default void end() {}
  }
}
