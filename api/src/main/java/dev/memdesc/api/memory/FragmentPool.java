package dev.memdesc.api.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;

/**
 * Hands out fragments: equal parts of pages, told by the pa of their first byte. A page whose
 * fragments are all free goes back to the page allocator.
 *
 * <p>Safe for any number of threads. A thread that allocates often {@linkplain #register registers}
 * and has a page of its own, with no atomic step while it allocates and frees there.
 *
 * <p>Every method that takes a fragment throws {@link PageTableException} with {@link
 * Reason#FOREIGN} if the pa is in no page of this pool, {@link Reason#MISALIGNED} if no fragment
 * begins there, and {@link Reason#ILLEGAL_STATE} if the fragment is free or waits already; nothing
 * changed. A second free that runs at the same time as the first may go unnoticed.
 */
public interface FragmentPool extends AutoCloseable {
  /** How pages are cut. */
  FragmentLayout layout();

  /** Registers the calling thread for a page of its own. */
  FragmentHandle register();

  /**
   * A fragment, which holds what the layout says.
   *
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY}, {@link Reason#CLOSED}; nothing
   *     changed
   */
  long allocate();

  /** Takes a fragment back that nobody can see any more. It may be handed out at once. */
  void free(long pa);

  /** The same for a fragment that is known to hold what the layout says: it is not filled again. */
  void freeEmpty(long pa);

  /**
   * Takes a fragment back that a lock-free walker may be inside: it is handed out again after a
   * full grace period, at the latest when the second is over. Allocates nothing, and waits only
   * where {@link Rcu#call} pays for a backlog.
   *
   * @throws PageTableException also with {@link Reason#CLOSED} if there are no grace periods any
   *     more; nothing changed
   */
  void freeDeferred(long pa);

  /** The same for a fragment that is known to hold what the layout says. */
  void freeEmptyDeferred(long pa);

  /**
   * Gives pages back that are kept for the next allocation: that of threads without a handle, and
   * those of threads that ended without closing theirs.
   */
  void trim();

  /** What the pool has now. */
  FragmentCounts counts();

  /**
   * Ends allocation. Fragments that are out can still be freed, and deferred frees may be pending:
   * each page goes back when its last fragment is free. A handle keeps its page until it is closed.
   * Closing again takes the pages of threads that ended since, as {@link #trim} does.
   */
  @Override
  void close();
}
