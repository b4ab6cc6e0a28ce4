package dev.memdesc.bench.policy;

import dev.memdesc.api.rcu.RcuHead;

/** What a pool has around it: pages, grace periods, and who keeps the account of tables. */
interface PoolHost {
  /** A page, or a block of pages where a table is larger than one. */
  long takePage(int node);

  /** The NUMA node of a page. */
  int nodeOf(long pa);

  /** Gives it back. */
  void returnPage(long pa);

  /** Calls the head after a full grace period. */
  void call(RcuHead head);

  /** A fragment that was WAITING is free; said before anyone else can get it. */
  void waitedLongEnough(Fragment fragment);
}
