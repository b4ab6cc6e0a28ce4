package dev.memdesc.api.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;

/**
 * One thread's way into a {@link FragmentPool}, with a page that only this thread allocates from.
 * The methods do what the pool's do. Whoever registered closes it; the page of a thread that ended
 * without is given back before the pool takes a new one.
 *
 * <p>An abstract class, so that a call costs at most one virtual call.
 */
public abstract class FragmentHandle implements AutoCloseable {
  /** For pools. */
  protected FragmentHandle() {}

  /**
   * As {@link FragmentPool#allocate}.
   *
   * @throws PageTableException also with {@link Reason#CLOSED} after {@link #close}, and with
   *     {@link Reason#ILLEGAL_STATE} in another thread: at the latest when the page is used up, at
   *     once where the property {@code memdesc.debug} is true
   */
  public abstract long allocate();

  /** As {@link FragmentPool#free}; any thread's fragment. */
  public abstract void free(long pa);

  /** As {@link FragmentPool#freeEmpty}. */
  public abstract void freeEmpty(long pa);

  /** As {@link FragmentPool#freeDeferred}. */
  public abstract void freeDeferred(long pa);

  /** As {@link FragmentPool#freeEmptyDeferred}. */
  public abstract void freeEmptyDeferred(long pa);

  /**
   * Gives the thread's page back. Closing again does nothing.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} in another thread while the one
   *     that registered runs
   */
  @Override
  public abstract void close();
}
