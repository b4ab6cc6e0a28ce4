package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.HeadLinks;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.guard.Arguments;
import dev.memdesc.core.guard.Reports;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** What all flavours share: readers of one kind, grace periods, and a queue of callbacks. */
abstract class BaseRcu implements Rcu {
  final GracePeriods periods;
  final CallbackQueue callbacks;
  private final BiFunction<Rcu, GracePeriods, ListedReader> kind;

  BaseRcu(
      GracePeriods periods,
      BiFunction<Rcu, GracePeriods, ListedReader> kind,
      Function<BaseRcu, CallbackQueue> callbacks) {
    this.periods = periods;
    this.kind = kind;
    this.callbacks = callbacks.apply(this);
  }

  @Override
  public final Reader register() {
    return periods.register(() -> kind.apply(this, periods));
  }

  @Override
  public final void call(RcuHead head) {
    enqueue(head);
    payAfterwards();
  }

  /** Something is queued: whoever called is not to take an error of this for a refusal. */
  final void payAfterwards() {
    try {
      payIfDue(Long.MAX_VALUE);
    } catch (Throwable e) {
      tryReport(e);
    }
  }

  @Override
  public final void relieve(long mostBytes) {
    if (callbacks.isClosing() && !isInCallback()) {
      throw GracePeriods.closedRcu();
    }
    ensureRunner();
    payIfDue(mostBytes);
  }

  @Override
  public final void addWaiting(long things, long bytes) {
    if (things < 0) {
      callbacks.settle(-things, -bytes);
    } else {
      callbacks.addWaiting(things, bytes);
    }
  }

  @Override
  public final boolean mayWait() {
    return !isInCallback()
        && !callbacks.isClosing()
        && !callbacks.isClosed()
        && !periods.isInside(Thread.currentThread());
  }

  /** Queues a head and lets nobody wait. */
  final void enqueue(RcuHead head) {
    Arguments.require(head, "head");
    if (callbacks.isClosing() && !isInCallback()) {
      throw GracePeriods.closedRcu();
    }
    if (!HeadLinks.claim(head)) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "a head waits for one grace period at a time")
          .with("head", head)
          .with("state", "waiting")
          .with("needed", "idle")
          .hint("call again when reclaim has begun")
          .build();
    }
    switch (callbacks.push(head)) {
      case FIRST -> tryWake();
      case MORE -> {
        if (isAsleepForGood()) {
          tryWake();
        }
      }
      case REFUSED_CLOSED -> {
        HeadLinks.unclaim(head);
        throw GracePeriods.closedRcu();
      }
    }
  }

  /** Wakes or starts whoever runs callbacks; that it cannot be had is reported and tried again. */
  final void tryWake() {
    try {
      wake();
    } catch (Throwable e) {
      tryReport(e);
    }
  }

  /** The heap may be full, which is how one gets here. */
  private void tryReport(Throwable e) {
    try {
      failed(e);
    } catch (Throwable _) {
      Reports.lost();
    }
  }

  @Override
  public final RcuBatch batch(LongConsumer reclaim) {
    Arguments.require(reclaim, "reclaim");
    if (callbacks.isClosed()) {
      throw GracePeriods.closedRcu();
    }
    return new DeferBatch(this, reclaim);
  }

  @Override
  public final long cookie() {
    return periods.cookie();
  }

  @Override
  public final boolean isOver(long cookie) {
    return periods.isOver(cookie);
  }

  /** Something is queued where nothing was. */
  abstract void wake();

  /** Whether nobody is there to run callbacks, because {@link #wake} failed. */
  boolean isAsleepForGood() {
    return false;
  }

  /**
   * Sees to it that somebody runs what is queued: whoever adds to a head that waits already queues
   * nothing, and leans on whoever queued it.
   */
  void ensureRunner() {}

  /** Waits if the backlog is too long, or has too many bytes, and this thread may wait. */
  abstract void payIfDue(long mostBytes);

  /** Takes note of a callback that threw. */
  abstract void failed(Throwable e);

  /** Whether this thread runs callbacks at the moment. */
  abstract boolean isInCallback();

  /** Refuses what would wait for itself. */
  final void requireMayWait(String what) {
    if (isInCallback()) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "nothing waits for a grace period inside a callback")
          .with("operation", what)
          .build();
    }
    if (periods.isInside(Thread.currentThread())) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "nothing waits for a grace period inside a read section")
          .with("operation", what)
          .with("thread", Thread.currentThread().getName())
          .hint("leave the section first: it would wait for itself")
          .build();
    }
  }
}
