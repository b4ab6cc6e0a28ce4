package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.guard.Debug;
import java.lang.invoke.VarHandle;

/**
 * The reader of QSBR: a section costs a counter that only its thread sees, because everything
 * between two quiescent states counts as one section. So a thread that registers has to say {@link
 * #quiescent} now and then, and {@link #offline} before it blocks. Waiting for a grace period does
 * that by itself.
 *
 * <p>The slot holds the number that was newest at the last quiescent state, 0 while offline.
 */
final class QuiescentReader extends ListedReader {
  private static final int OFFLINE = -1;
  private static final int MOST_DEPTH = (int) NEST_MASK;

  // Depth, or OFFLINE: one test on the way in and one on the way out. Seen by this thread only.
  private int nested;

  QuiescentReader(Rcu rcu, GracePeriods periods) {
    super(rcu, periods);
    comeOnline();
  }

  @Override
  public void enter() {
    if (Debug.ON) {
      requireOwner();
    }
    int depth = nested;
    // Both bounds are one test, after which the JIT knows that exit finds a depth.
    if (depth < 0 || depth >= MOST_DEPTH) {
      throw mayNotEnter(depth);
    }
    nested = depth + 1;
  }

  private PageTableException mayNotEnter(int depth) {
    if (isClosed()) {
      return notInside();
    }
    return PageTableException.because(
            Reason.ILLEGAL_STATE,
            "a section is entered by a reader that is online, at most 4095 deep")
        .with("reader", owner.getName())
        .with("state", depth < 0 ? "offline" : "online")
        .with("depth", Math.max(depth, 0))
        .build();
  }

  @Override
  public void exit() {
    if (Debug.ON) {
      requireOwner();
    }
    int depth = nested;
    if (depth <= 0) {
      throw notInside();
    }
    nested = depth - 1;
  }

  @Override
  public boolean isInside() {
    return nested > 0;
  }

  @Override
  long depth() {
    return Math.max(nested, 0);
  }

  @Override
  public void quiescent() {
    if (Debug.ON || nested != 0) {
      // Inside, closed or in another thread; offline, it changes nothing.
      super.quiescent();
    }
    if (nested == 0 && slot != periods.newest()) {
      comeOnline();
    }
  }

  @Override
  public void offline() {
    super.offline();
    nested = OFFLINE;
    SLOT.setRelease(this, 0L);
  }

  @Override
  public void online() {
    super.online();
    if (nested == OFFLINE) {
      nested = 0;
      comeOnline();
    }
  }

  /**
   * The release orders what was read before; the fence puts the store before what is read from now
   * on. Its partner is the fence of {@link GracePeriods#order}.
   */
  private void comeOnline() {
    SLOT.setRelease(this, periods.newest());
    VarHandle.fullFence();
  }

  @Override
  boolean isOnline() {
    return nested != OFFLINE;
  }

  @Override
  public void close() {
    super.close();
    // From here on enter does not find it online.
    nested = OFFLINE;
  }
}
