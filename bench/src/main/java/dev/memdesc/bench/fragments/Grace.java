package dev.memdesc.bench.fragments;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import java.util.ArrayList;
import java.util.List;

/** Grace periods that pass when the workload says so. */
public final class Grace implements Rcu {
  private List<RcuHead> waiting = new ArrayList<>();
  private List<RcuHead> over = new ArrayList<>();

  /** Nothing waits. */
  public Grace() {}

  /** So many grace periods pass, one after the other. */
  public void pass(int gracePeriods) {
    for (int i = 0; i < gracePeriods; i++) {
      List<RcuHead> heads = waiting;
      waiting = over;
      over = heads;
      heads.forEach(RcuHead::reclaim);
      heads.clear();
    }
  }

  @Override
  public void call(RcuHead head) {
    waiting.add(head);
  }

  @Override
  public Reader register() {
    throw new UnsupportedOperationException("nobody reads in a workload of one thread");
  }

  @Override
  public void synchronize() {
    pass(1);
  }

  @Override
  public void barrier() {
    while (!waiting.isEmpty()) {
      pass(1);
    }
  }

  @Override
  public void close() {
    barrier();
  }
}
