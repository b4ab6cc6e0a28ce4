package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.RcuHead;

/**
 * A head that says what it stands for: how many things to reclaim, and how many bytes they keep
 * from being used. Any other head is one thing without a size. Who adds to a head that waits
 * already cannot say it here and counts by {@link dev.memdesc.api.rcu.Rcu#addWaiting}.
 */
public abstract class WeightedHead extends RcuHead {
  /** For those who keep a list under one head. */
  protected WeightedHead() {}

  /** How many there are: the same from the call until {@link #reclaim} begins. */
  protected abstract long weight();

  /** How many bytes of memory they keep: the same from the call until {@link #reclaim} begins. */
  protected long bytes() {
    return 0;
  }
}
