package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.RcuStatistics;
import dev.memdesc.core.guard.Arguments;
import dev.memdesc.core.guard.Reports;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;

/**
 * The flavours that live: whoever waits for a grace period drives it, one at a time under a lock,
 * and those who come meanwhile share the next one. One thread runs callbacks.
 */
final class ThreadedRcu extends BaseRcu {
  private static final System.Logger LOGGER = System.getLogger("dev.memdesc.rcu");

  private final RcuOptions options;
  private final GraceWait wait;
  private final CallbackThread worker;
  private final Waiters waiters = new Waiters();
  // Held by whoever drives a grace period.
  private final ReentrantLock driving = new ReentrantLock();
  // Grace periods up to this cookie are waited for without sleeping.
  private final AtomicLong urgent = new AtomicLong();
  private final AtomicLong payments = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  /**
   * A new one.
   *
   * @param factory makes the thread that runs callbacks
   */
  ThreadedRcu(
      BiFunction<Rcu, GracePeriods, ListedReader> readers,
      GracePeriods periods,
      RcuOptions options,
      ThreadFactory factory) {
    super(periods, readers, rcu -> new CallbackQueue(rcu::failed));
    this.options = options;
    this.wait =
        new GraceWait(periods, callbacks, word -> word <= urgent.get(), options.stallTimeout());
    this.worker = new CallbackThread(this, callbacks, waiters, options.linger(), factory);
  }

  @Override
  public void synchronize() {
    requireMayWait("synchronize");
    if (callbacks.isClosed()) {
      throw GracePeriods.closedRcu();
    }
    List<ListedReader> aside = stepAside();
    try {
      pass(periods.cookie());
    } finally {
      comeBack(aside);
    }
  }

  /** Drives grace periods until the cookie is over, unless others did. */
  void pass(long cookie) {
    RcuEvents.load();
    driving.lock();
    try {
      while (!periods.isOver(cookie)) {
        gracePeriod();
      }
    } finally {
      driving.unlock();
    }
  }

  private void gracePeriod() {
    RcuEvents.GracePeriod event = RcuEvents.beginGracePeriod();
    // An error from here on leaves a number that is never over: the next one is higher.
    long word = periods.begin();
    int readers = periods.readers().length;
    wait.await(word);
    periods.end(word);
    RcuEvents.end(event, periods.count(), readers);
  }

  /** Whether somebody asked that what waits now be done at once. */
  boolean isUrgent() {
    return !periods.isOver(urgent.get());
  }

  @Override
  public void expedite() {
    urgent.accumulateAndGet(periods.cookie(), Math::max);
    worker.wake();
  }

  @Override
  public void barrier() {
    requireMayWait("barrier");
    Marker marker = new Marker();
    enqueue(marker);
    expedite();
    List<ListedReader> aside = stepAside();
    try {
      worker.await(() -> worker.isDone(marker.chain));
    } finally {
      comeBack(aside);
    }
  }

  /** Where it runs says which chain everything that was queued before it is in, at the latest. */
  private final class Marker extends RcuHead {
    // Written by the callback thread, read under the waiters' polling.
    private volatile long chain = Long.MAX_VALUE;

    @Override
    protected void reclaim() {
      chain = worker.chain();
    }
  }

  @Override
  void wake() {
    worker.wakeIfAsleep();
  }

  @Override
  boolean isAsleepForGood() {
    return worker.isMissing();
  }

  @Override
  void ensureRunner() {
    if (worker.isGone() && (callbacks.backlog() > 0 || callbacks.hasWork())) {
      tryWake();
    }
  }

  @Override
  void payIfDue(long mostBytes) {
    long most = Math.min(mostBytes, options.backlogBytes());
    if (callbacks.backlog() > options.backlogBound() || callbacks.backlogBytes() > most) {
      pay(most);
    }
  }

  private void pay(long mostBytes) {
    if (isInCallback() || periods.isInside(Thread.currentThread())) {
      return;
    }
    payments.incrementAndGet();
    RcuEvents.BackPressure event = RcuEvents.beginBackPressure();
    List<ListedReader> aside = stepAside();
    long enough = options.backlogBound() / 2;
    boolean paid;
    try {
      paid =
          waiters.await(
              () -> callbacks.backlog() <= enough && callbacks.backlogBytes() <= mostBytes / 2,
              options.paymentLimit().toNanos());
    } finally {
      comeBack(aside);
    }
    RcuEvents.end(event, callbacks.backlog(), paid);
  }

  @Override
  public boolean reclaim(Duration limit) {
    Arguments.require(limit, "limit");
    // Before the backlog is read: what is off it has run, or runs in a chain that is not done.
    long chain = worker.chain();
    callbacks.absorb();
    if (!mayWait() || callbacks.backlog() == 0) {
      return false;
    }
    ensureRunner();
    expedite();
    List<ListedReader> aside = stepAside();
    try {
      return waiters.await(() -> worker.isDone(chain), limit.toNanos());
    } finally {
      comeBack(aside);
    }
  }

  /** This thread's readers that would hold up what it is about to wait for (QSBR). */
  private List<ListedReader> stepAside() {
    List<ListedReader> aside = new ArrayList<>();
    try {
      for (ListedReader reader : periods.readers()) {
        if (reader.owner.equals(Thread.currentThread()) && reader.isOnline()) {
          aside.add(reader);
          reader.offline();
        }
      }
    } catch (RuntimeException | Error e) {
      comeBack(aside);
      throw e;
    }
    return aside;
  }

  private static void comeBack(List<ListedReader> aside) {
    aside.forEach(ListedReader::online);
  }

  @Override
  void failed(Throwable e) {
    failures.incrementAndGet();
    Reports.logThrown(LOGGER, Level.ERROR, "a callback does not throw; the others run", e);
  }

  @Override
  boolean isInCallback() {
    return worker.isThisThread();
  }

  @Override
  public RcuStatistics statistics() {
    callbacks.absorb();
    long run = callbacks.completed();
    long queued = callbacks.queued();
    return new RcuStatistics(
        periods.count(),
        queued,
        run,
        periods.readers().length,
        payments.get(),
        wait.stalls(),
        periods.deadReaders(),
        failures.get(),
        callbacks.backlogBytes());
  }

  @Override
  public void close() {
    requireMayWait("close");
    List<ListedReader> aside = stepAside();
    periods.close();
    callbacks.beginClose();
    urgent.set(Long.MAX_VALUE);
    try {
      worker.close();
    } finally {
      comeBack(aside);
    }
  }
}
