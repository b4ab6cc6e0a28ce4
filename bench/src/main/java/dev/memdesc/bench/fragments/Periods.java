package dev.memdesc.bench.fragments;

import dev.memdesc.api.rcu.Rcu;

/** Where a workload's grace periods come from. */
interface Periods extends AutoCloseable {
  /** What table memory is to use. */
  Rcu rcu();

  /** The workload has come so far that one is due. */
  void due();

  /** They pass until nothing waits. */
  default void drain() {
    while (rcu().statistics().backlog() > 0) {
      due();
    }
  }

  @Override
  void close();
}
