package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;

/**
 * The grace periods of a machine in which nobody walks tables without a lock: each is over as soon
 * as it begins. A reader is refused, so nobody can rely on it by mistake.
 */
public final class NoWalkers implements Rcu {
  @Override
  public Reader register() {
    throw PageTableException.because(
            Reason.CLOSED, "tables are walked without a lock where grace periods are waited for")
        .hint("choose a flavour of RCU that has readers")
        .build();
  }

  @Override
  public void call(RcuHead head) {
    head.reclaim();
  }

  @Override
  public void synchronize() {}

  @Override
  public void barrier() {}

  @Override
  public void close() {}
}
