package dev.memdesc.core.fragment;

import dev.memdesc.api.rcu.HeadLinks;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.RcuStatistics;
import dev.memdesc.api.rcu.Reader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * As little RCU as a pool needs, so that a model checker spends its time on the pool: a grace
 * period is a number that goes up, and nobody reads.
 */
final class TinyRcu implements Rcu {
  private List<RcuHead> waiting = new ArrayList<>();
  private int begun;
  private int over;

  @Override
  public synchronized void call(RcuHead head) {
    if (!HeadLinks.claim(head)) {
      throw new IllegalStateException("a head waits once: " + head);
    }
    waiting.add(head);
  }

  @Override
  public void relieve(long mostBytes) {}

  @Override
  public void addWaiting(long things, long bytes) {}

  @Override
  public boolean mayWait() {
    return false;
  }

  @Override
  public boolean reclaim(Duration limit) {
    return false;
  }

  /** How many grace periods began. */
  synchronized int begun() {
    return begun;
  }

  /** The last grace period that is over. */
  synchronized int over() {
    return over;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /** A grace period for what waits now. */
  void pass() {
    List<RcuHead> heads;
    synchronized (this) {
      heads = waiting;
      waiting = new ArrayList<>();
      begun++;
      over = begun;
    }
    for (RcuHead head : heads) {
      HeadLinks.unclaim(head);
      HeadLinks.reclaim(head);
    }
  }

  @Override
  public void close() {}

  @Override
  public Reader register() {
    throw new UnsupportedOperationException();
  }

  @Override
  public RcuBatch batch(LongConsumer reclaim) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void synchronize() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void expedite() {}

  @Override
  public long cookie() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isOver(long cookie) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void barrier() {
    throw new UnsupportedOperationException();
  }

  @Override
  public RcuStatistics statistics() {
    throw new UnsupportedOperationException();
  }
}
