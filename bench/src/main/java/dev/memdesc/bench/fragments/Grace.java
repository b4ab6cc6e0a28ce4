package dev.memdesc.bench.fragments;

import dev.memdesc.core.rcu.DeterministicRcu;

/** Grace periods that pass when the workload says so. */
final class Grace {
  private final DeterministicRcu rcu = new DeterministicRcu();

  DeterministicRcu rcu() {
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

  /** They pass until nothing waits. */
  void drain() {
    while (rcu.statistics().backlog() > 0) {
      pass(1);
    }
  }
}
