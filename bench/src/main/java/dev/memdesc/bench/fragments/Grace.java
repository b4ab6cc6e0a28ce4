package dev.memdesc.bench.fragments;

import dev.memdesc.core.rcu.DeterministicRcu;

/** Grace periods that pass when the workload says so. */
final class Grace implements Periods {
  private final DeterministicRcu rcu = new DeterministicRcu();

  @Override
  public DeterministicRcu rcu() {
    return rcu;
  }

  /** So many grace periods pass, and what waited for them is done. */
  void pass(int gracePeriods) {
    for (int i = 0; i < gracePeriods; i++) {
      if (!rcu.advance()) {
        throw new IllegalStateException("no reader holds up a workload of one thread");
      }
      long _ = rcu.runCallbacks();
    }
  }

  @Override
  public void due() {
    pass(1);
  }

  @Override
  public void close() {
    rcu.close();
  }
}
