package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.guard.Debug;

/** What readers of all flavours have in common: nesting, and being on the list. */
abstract class ListedReader extends ReaderSlot {
  final GracePeriods periods;
  final Thread owner = Thread.currentThread();
  // The end of the slot's cache line and the next one, which processors fetch along with it.
  long after0;
  long after1;
  long after2;
  long after3;
  long after4;
  long after5;
  long after6;
  long after7;
  long after8;
  long after9;
  long after10;
  long after11;

  ListedReader(Rcu rcu, GracePeriods periods) {
    super(rcu);
    this.periods = periods;
  }

  @Override
  public boolean isInside() {
    return ((long) SLOT.getOpaque(this) & NEST_MASK) != 0;
  }

  /**
   * Enters one level deeper; the grace period's number stays that of the outermost section. Also
   * where the slot of a closed reader leads to.
   */
  final void enterNested(long word) {
    if (word == CLOSED) {
      throw closedReader();
    }
    if ((word & NEST_MASK) == NEST_MASK) {
      throw PageTableException.because(Reason.ILLEGAL_STATE, "sections nest at most 4095 deep")
          .with("reader", owner.getName())
          .build();
    }
    SLOT.setOpaque(this, word + 1);
  }

  /**
   * The release store orders everything that the section read before it; pairs with the acquire of
   * {@link GracePeriods#isPassed}.
   */
  @Override
  public void exit() {
    if (Debug.ON) {
      requireOwner();
    }
    long word = slot;
    long depth = word & NEST_MASK;
    if (depth == 1) {
      SLOT.setRelease(this, 0L);
    } else if (depth > 1) {
      SLOT.setOpaque(this, word - 1);
    } else {
      throw notInside();
    }
  }

  final boolean isClosed() {
    return slot == CLOSED;
  }

  private PageTableException closedReader() {
    return PageTableException.because(Reason.CLOSED, "the reader is closed and protects nothing")
        .with("reader", owner.getName())
        .hint("register again")
        .build();
  }

  /** Refuses another thread than the one that registered. */
  final void requireOwner() {
    Thread here = Thread.currentThread();
    if (!owner.equals(here)) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "a reader must be used by the thread that registered it")
          .with("reader", owner.getName())
          .with("thread", here.getName())
          .hint("each thread registers a reader of its own")
          .build();
    }
  }

  final PageTableException notInside() {
    if (isClosed()) {
      return closedReader();
    }
    return PageTableException.because(Reason.ILLEGAL_STATE, "a section that ends has been entered")
        .with("reader", owner.getName())
        .with("depth", 0)
        .with("needed", "at least 1")
        .hint("pair every exit with one enter of the same reader")
        .build();
  }

  @Override
  public void quiescent() {
    if (Debug.ON) {
      requireOwner();
    }
    requireOutside("a quiescent state is outside of any section");
  }

  @Override
  public void offline() {
    requireOwner();
    requireOutside("a reader goes offline outside of any section");
  }

  @Override
  public void online() {
    requireOwner();
    requireOutside("a reader comes online outside of any section");
  }

  @Override
  public void close() {
    if (isClosed()) {
      return;
    }
    if (owner.isAlive()) {
      requireOwner();
    }
    requireOutside("a reader is closed outside of any section");
    periods.remove(this);
    SLOT.setRelease(this, CLOSED);
  }

  final void requireOutside(String rule) {
    if (isClosed()) {
      throw closedReader();
    }
    if (isInside()) {
      throw PageTableException.because(Reason.ILLEGAL_STATE, rule)
          .with("reader", owner.getName())
          .with("depth", depth())
          .with("needed", 0)
          .build();
    }
  }

  /**
   * Whether this thread would wait for its own reader while it waits for others; then it is {@link
   * #offline} meanwhile.
   */
  boolean isOnline() {
    return false;
  }

  /** How deep the thread is nested, for messages. */
  long depth() {
    return (long) SLOT.getOpaque(this) & NEST_MASK;
  }
}
