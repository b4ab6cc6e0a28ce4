package dev.memdesc.api.rcu;

import org.jspecify.annotations.Nullable;

/**
 * What waits for a grace period, and what is done then: the object that is to be freed extends this
 * or holds one, so that nothing is allocated to free something.
 *
 * <p>A head is in the hands of one grace period at a time, from {@link Rcu#call} until {@link
 * #reclaim} is called. The flavour does not touch it any more when {@code reclaim} begins: from
 * then on the head may be queued again, also by another thread while {@code reclaim} still runs.
 */
public abstract class RcuHead {
  // Null: waits for nothing. Itself: waits, and is the last of its list. Written by HeadLinks only.
  @Nullable RcuHead next;

  /** A head that waits for nothing. */
  protected RcuHead() {}

  /**
   * Called once, by the thread that found the grace period over, outside of any read section. It
   * does not block.
   */
  protected abstract void reclaim();
}
