package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.RcuHead;

/** A head that stands for more than one thing to reclaim: the backlog counts them all. */
public abstract class WeightedHead extends RcuHead {
  /** For those who keep a list under one head. */
  protected WeightedHead() {}

  /** How many there are: the same from the call until {@link #reclaim} begins. */
  protected abstract long weight();
}
