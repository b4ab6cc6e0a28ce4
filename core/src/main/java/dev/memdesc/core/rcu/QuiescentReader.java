package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
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
  private int nested;

  QuiescentReader(GracePeriods periods) {
    super(periods);
    comeOnline();
  }

  @Override
  public void enter() {
    if (slot == 0) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "a section is entered by a reader that is online")
          .with("reader", owner.getName())
          .with("state", "offline")
          .with("needed", "online")
          .build();
    }
    nested++;
  }

  @Override
  public void exit() {
    if (nested == 0) {
      throw notInside();
    }
    nested--;
  }

  @Override
  public boolean isInside() {
    return nested != 0;
  }

  @Override
  long depth() {
    return nested;
  }

  @Override
  public void quiescent() {
    super.quiescent();
    if (slot != 0 && slot != periods.newest()) {
      comeOnline();
    }
  }

  @Override
  public void offline() {
    super.offline();
    SLOT.setRelease(this, 0L);
  }

  @Override
  public void online() {
    super.online();
    if (slot == 0) {
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
  boolean stepAside() {
    boolean online = slot != 0;
    offline();
    return online;
  }

  @Override
  public void close() {
    offline();
    super.close();
  }
}
