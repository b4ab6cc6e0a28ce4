package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.RcuStatistics;
import dev.memdesc.core.guard.Arguments;
import dev.memdesc.core.guard.Reports;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The flavour that is stepped by hand, for tests, model checking and measurements that must come
 * out the same every time: no threads, no clock. Time passes in {@link #advance}; callbacks run in
 * {@link #runCallbacks}, and what they throw is thrown there after the others ran.
 *
 * <p>Whatever would have to wait for a reader throws instead, but {@link #reclaim}, which gives up.
 * Nothing is bounded, so nobody pays. Any thread may read and call; steps exclude each other.
 */
public class DeterministicRcu extends BaseRcu {
  private final ArrayDeque<RcuHead> ready = new ArrayDeque<>();
  private @Nullable RcuHead waiting;
  // The running grace period's word; 0 if none runs.
  private long running;
  private @Nullable Thread runner;
  private @Nullable Throwable failure;
  private long failures;

  /** With sections that lean on the specification alone. */
  public DeterministicRcu() {
    this(new GracePeriods(), FencedReader::new, rcu -> new CallbackQueue(rcu::failed));
  }

  /** With the sections and grace periods of a flavour, but stepped by hand. */
  public static DeterministicRcu of(RcuFlavour flavour) {
    Arguments.require(flavour, "flavour");
    RcuFlavour effective = flavour.effective();
    return new DeterministicRcu(
        effective.periods(), effective.readers(), rcu -> new CallbackQueue(rcu::failed));
  }

  DeterministicRcu(
      GracePeriods periods,
      BiFunction<Rcu, GracePeriods, ListedReader> kind,
      Function<BaseRcu, CallbackQueue> callbacks) {
    super(periods, kind, callbacks);
  }

  /**
   * Begins a grace period unless one runs, and ends it if no section that it has to wait for is
   * left. What was queued before it began is ready to run then.
   *
   * @return whether a grace period ended; if not, the same one is tried again next time
   */
  public final synchronized boolean advance() {
    if (running == 0) {
      if (waiting == null) {
        waiting = callbacks.take();
      }
      running = periods.begin();
    }
    if (!periods.allPassed(running)) {
      return false;
    }
    // First, because it may throw: then the same grace period is tried again.
    if (waiting != null) {
      ready.add(waiting);
      waiting = null;
    }
    periods.end(running);
    running = 0;
    return true;
  }

  /**
   * Runs what is ready.
   *
   * @return how many heads and values were reclaimed; 0 inside a callback
   */
  public final long runCallbacks() {
    synchronized (this) {
      if (runner != null) {
        return 0;
      }
      runner = Thread.currentThread();
    }
    long count = 0;
    boolean ended = false;
    try {
      // What an error interrupted comes first.
      while (callbacks.isRunning() || beginNext()) {
        count += callbacks.run();
      }
      ended = true;
    } finally {
      if (!ended) {
        endRunning();
      }
    }
    throwFailure();
    return count;
  }

  /**
   * Begins the next chain that is ready; if there is none, this thread is not the runner any more.
   */
  private synchronized boolean beginNext() {
    RcuHead chain = ready.poll();
    if (chain == null) {
      runner = null;
      return false;
    }
    callbacks.begin(chain);
    return true;
  }

  private synchronized void endRunning() {
    runner = null;
  }

  @Override
  public final void synchronize() {
    requireOpen();
    pass("synchronize");
  }

  private void pass(String what) {
    requireMayWait(what);
    long cookie = cookie();
    while (!isOver(cookie)) {
      if (!advance()) {
        throw PageTableException.because(
                Reason.ILLEGAL_STATE, "a grace period that is stepped by hand waits for no reader")
            .with("operation", what)
            .hint("leave the sections that are entered, or call advance and look at its result")
            .build();
      }
    }
  }

  @Override
  public final void barrier() {
    requireOpen();
    pass("barrier");
    runCallbacks();
  }

  /** Steps until what waits is over and runs it; gives up at once if a reader is inside. */
  @Override
  public final boolean reclaim(Duration limit) {
    Arguments.require(limit, "limit");
    if (!mayWait()) {
      return false;
    }
    long cookie = cookie();
    while (!isOver(cookie)) {
      if (!advance()) {
        return false;
      }
    }
    return runCallbacks() > 0;
  }

  /** Does nothing: time passes by hand only. */
  @Override
  public final void expedite() {}

  @Override
  public final synchronized RcuStatistics statistics() {
    callbacks.absorb();
    long run = callbacks.completed();
    long queued = callbacks.queued();
    return new RcuStatistics(
        periods.count(),
        queued,
        run,
        periods.readers().length,
        0,
        0,
        periods.deadReaders(),
        failures,
        callbacks.backlogBytes());
  }

  @Override
  public final void close() {
    while (!callbacks.isClosed()) {
      pass("close");
      runCallbacks();
      // Not while something waits: a callback may have queued more.
      if (statistics().backlog() == 0 && callbacks.tryClose()) {
        periods.close();
      }
    }
  }

  @Override
  final void wake() {}

  @Override
  final void payIfDue(long mostBytes) {}

  @Override
  final synchronized boolean isInCallback() {
    return Thread.currentThread().equals(runner);
  }

  @Override
  final synchronized void failed(Throwable e) {
    failures++;
    Throwable first = failure;
    if (first == null) {
      failure = e;
    } else if (!first.equals(e)) {
      Reports.tell(() -> first.addSuppressed(e));
    }
  }

  private void requireOpen() {
    if (callbacks.isClosed()) {
      throw GracePeriods.closedRcu();
    }
  }

  private synchronized void throwFailure() {
    Throwable first = failure;
    failure = null;
    switch (first) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> {}
    }
  }
}
