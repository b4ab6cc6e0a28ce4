package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.RcuStatistics;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

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

  ThreadedRcu(
      Function<GracePeriods, ListedReader> readers, GracePeriods periods, RcuOptions options) {
    super(periods, readers, rcu -> new CallbackQueue(rcu::failed));
    this.options = options;
    this.wait =
        new GraceWait(periods, callbacks, word -> word <= urgent.get(), options.stallTimeout());
    this.worker = new CallbackThread(this, callbacks, waiters, options.linger());
  }

  @Override
  public void synchronize() {
    requireMayWait("synchronize");
    if (callbacks.isClosed()) {
      throw GracePeriods.closedRcu();
    }
    List<ListedReader> aside = stepAside();
    pass(periods.cookie());
    comeBack(aside);
  }

  /** Drives grace periods until the cookie is over, unless others did. */
  void pass(long cookie) {
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
    RcuEvents.GracePeriod event = new RcuEvents.GracePeriod();
    event.begin();
    long word = periods.begin();
    int readers = periods.readers().length;
    wait.await(word);
    periods.end(word);
    if (event.shouldCommit()) {
      event.number = periods.count();
      event.readers = readers;
      event.commit();
    }
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
    waiters.await(() -> worker.isDone(marker.chain), Long.MAX_VALUE);
    comeBack(aside);
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
  void payIfDue(long more) {
    if (callbacks.backlog() + more > options.backlogBound()) {
      pay();
    }
  }

  private void pay() {
    if (isInCallback() || periods.isInside(Thread.currentThread())) {
      return;
    }
    payments.incrementAndGet();
    RcuEvents.BackPressure event = new RcuEvents.BackPressure();
    event.begin();
    List<ListedReader> aside = stepAside();
    long enough = options.backlogBound() / 2;
    boolean paid =
        waiters.await(() -> callbacks.backlog() <= enough, options.paymentLimit().toNanos());
    comeBack(aside);
    if (event.shouldCommit()) {
      event.backlog = callbacks.backlog();
      event.paid = paid;
      event.commit();
    }
  }

  /** This thread's readers that would hold up what it is about to wait for (QSBR). */
  private List<ListedReader> stepAside() {
    List<ListedReader> aside = new ArrayList<>();
    for (ListedReader reader : periods.readers()) {
      if (reader.owner.equals(Thread.currentThread()) && reader.stepAside()) {
        aside.add(reader);
      }
    }
    return aside;
  }

  private static void comeBack(List<ListedReader> aside) {
    aside.forEach(ListedReader::online);
  }

  @Override
  void failed(Throwable e) {
    failures.incrementAndGet();
    LOGGER.log(Level.ERROR, "a callback does not throw; the others run", e);
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
        failures.get());
  }

  @Override
  public void close() {
    requireMayWait("close");
    List<ListedReader> aside = stepAside();
    periods.close();
    callbacks.beginClose();
    urgent.set(Long.MAX_VALUE);
    worker.close();
    comeBack(aside);
  }
}
