package dev.memdesc.core.engine;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.Reader;

/** A reader of no RCU: for tests that have no grace periods, and would have more interleavings. */
final class UnwatchedReader extends Reader {
  UnwatchedReader(Rcu rcu) {
    super(rcu);
  }

  @Override
  public void enter() {}

  @Override
  public void exit() {}

  @Override
  public boolean isInside() {
    return false;
  }

  @Override
  public void quiescent() {}

  @Override
  public void offline() {}

  @Override
  public void online() {}

  @Override
  public void close() {}
}
