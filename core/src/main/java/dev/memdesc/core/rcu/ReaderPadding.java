package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.Reader;

/** Keeps what lies before a reader in the heap off the cache line of its slot. */
abstract class ReaderPadding extends Reader {
  long before0;
  long before1;
  long before2;
  long before3;
  long before4;
  long before5;
  long before6;

  ReaderPadding(Rcu rcu) {
    super(rcu);
  }
}
