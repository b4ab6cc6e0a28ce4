package dev.memdesc.tck.fault;

/** Where a machine can be made to fail: each place that calls out of the code under test. */
enum FaultPoint {
  /** The page allocator is asked for a block. */
  ALLOCATE,
  /** The page allocator is given a block, and has not taken it. */
  FREE,
  /** The page allocator has taken a block. */
  FREED,
  /** A table's descriptor is made on the heap. */
  DESCRIPTOR,
  /** Hardware is told to forget a range, or everything. */
  INVALIDATE,
  /** Hardware is asked whether it has forgotten. */
  COMPLETE,
  /** A register of a unit is written. */
  REGISTER,
  /** Somebody's callback runs: a visitor, a fault handler. */
  CALLBACK,
  /** What waited for a grace period is reclaimed. */
  RECLAIM,
  /** Something is logged. */
  LOG,
  /** A service thread is started. */
  THREAD
}
