package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.Rcu;

/** Which RCU a machine gets. A plugin may bind another one. */
@FunctionalInterface
public interface RcuPolicy {
  /** A new RCU; the machine closes it. */
  Rcu open();
}
