package dev.memdesc.api.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;

/**
 * Collects values of one thread that wait for a grace period together: a store instead of an atomic
 * operation for each. Arrays are used again, so that steady deferring allocates nothing.
 *
 * <p>What is not flushed yet waits for {@link #flush}, {@link #close} or the batch's being full,
 * and is in no statistics.
 */
public interface RcuBatch extends AutoCloseable {
  /**
   * Reclaims the value after a full grace period. The updater made what it names unreachable
   * before.
   *
   * @throws PageTableException with {@link Reason#CLOSED} if the batch or its {@link Rcu} is
   *     closed, {@link Reason#ILLEGAL_STATE} in another thread; the value is still the caller's.
   *     What was begun before is refused at the latest when it is flushed: with {@code
   *     memdesc.debug} another thread is refused at once
   */
  void defer(long value);

  /**
   * Hands over what was collected; another thread may do it when the batch's has ended. Without
   * anything collected it does nothing.
   *
   * @throws PageTableException with {@link Reason#CLOSED} if its {@link Rcu} is closed, {@link
   *     Reason#ILLEGAL_STATE} in another thread; what was collected stays
   */
  void flush();

  /** How many values are collected and not flushed. */
  int size();

  /** Flushes; no more values are taken. Closing again does nothing. */
  @Override
  void close();
}
