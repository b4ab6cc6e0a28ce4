package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import java.util.ArrayList;
import java.util.List;

/** Grace periods that pass when a test says so. Not for several threads. */
public final class SteppedRcu implements Rcu {
  private List<RcuHead> waiting = new ArrayList<>();
  private boolean closed;

  @Override
  public Reader register() {
    throw new UnsupportedOperationException("no readers");
  }

  @Override
  public void call(RcuHead head) {
    if (closed) {
      throw PageTableException.because(Reason.CLOSED, "rcu is used before it is closed").build();
    }
    for (RcuHead other : waiting) {
      if (other.equals(head)) {
        throw new AssertionError("a head that waits already: " + head);
      }
    }
    waiting.add(head);
  }

  /** A grace period passes: runs what was queued before this call. */
  public void pass() {
    List<RcuHead> over = waiting;
    waiting = new ArrayList<>();
    over.forEach(RcuHead::reclaim);
  }

  /** How many heads wait. */
  public int waiting() {
    return waiting.size();
  }

  @Override
  public void synchronize() {
    pass();
  }

  @Override
  public void barrier() {
    while (!waiting.isEmpty()) {
      pass();
    }
  }

  @Override
  public void close() {
    barrier();
    closed = true;
  }
}
