package dev.memdesc.api.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * Grace periods: what a reader found in a read section is not freed before the section ends, and
 * readers pay next to nothing for it.
 *
 * <h2>What is assumed</h2>
 *
 * <ul>
 *   <li>An updater makes an object unreachable for new sections <em>before</em> it hands it to
 *       {@link #call}, {@link RcuBatch#defer}, {@link #synchronize} or {@link #cookie}.
 *   <li>A reader uses what it found between {@link Reader#enter} and the matching {@link
 *       Reader#exit} only, and sections end.
 *   <li>{@link RcuHead#reclaim} and what a batch calls do not block and do not throw; what they
 *       throw all the same is logged and counted, and the others run.
 * </ul>
 *
 * <h2>What is guaranteed</h2>
 *
 * <ul>
 *   <li>A full grace period is over when every section that had been entered when it began has
 *       ended. Everything that such a section read happened before what is done afterwards; and a
 *       section that is entered later finds what the updater stored before.
 *   <li>Every head that was taken by {@link #call} and every value that was flushed is reclaimed
 *       exactly once, after a full grace period that began after the call, at the latest in {@link
 *       #close}. In which order is not said.
 *   <li>A head is its owner's again when {@code reclaim} begins: it may be queued anew from then
 *       on, also by another thread.
 * </ul>
 *
 * <h2>Who may have to wait</h2>
 *
 * <ul>
 *   <li>Readers never wait, never allocate and take no lock.
 *   <li>{@link #call} and {@link RcuBatch} are lock-free while the backlog is below its bound.
 *       Above it, a call that is made outside of any section and of any callback pays: it waits
 *       until half of the bound has been worked off, for a bounded time. A call inside a section or
 *       a callback returns at once and leaves the paying to the next one outside. The bound is one
 *       of heads and values, and one of the bytes that they keep from being used.
 *   <li>{@link #synchronize} and {@link #barrier} wait for readers. A reader that stays inside
 *       longer than the stall timeout is reported with its stack; the wait goes on.
 * </ul>
 *
 * <p>Every method may be called by any thread, platform or virtual. What a thread's death means for
 * its registration is said at {@link #register}.
 */
public interface Rcu extends AutoCloseable {
  /**
   * Registers the calling thread as a reader. A section that begins after this returned is waited
   * for by every grace period that begins later, however long the others run already.
   *
   * <p>A thread that ends without closing its reader, even inside a section, is taken off the list
   * by the next grace period that would wait for it: it cannot use anything any more. A virtual
   * thread may register; a section stays its own when it is moved to another carrier.
   *
   * @return a reader whose {@link Reader#rcu} is this object
   * @throws PageTableException with {@link Reason#CLOSED}
   */
  Reader register();

  /**
   * Calls {@link RcuHead#reclaim} after a full grace period. Allocates nothing.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if the head waits already, {@link
   *     Reason#CLOSED}; nothing changed
   */
  void call(RcuHead head);

  /**
   * What {@link #call} does beside queueing, for somebody who adds to what hangs on a head that
   * waits already: refuses while RCU closes, and pays if the backlog is too long.
   *
   * @param mostBytes that may wait before this call pays, if that is less than the bound of this
   *     RCU
   * @throws PageTableException with {@link Reason#CLOSED}
   */
  void relieve(long mostBytes);

  /**
   * Counts what waits under a head that does not say itself how much it stands for, because more
   * may come while it is queued: in {@link RcuStatistics} and for the bounds. Whoever counts what
   * waits takes it off again when it has been reclaimed.
   *
   * @param things that wait from now on (positive) or have been reclaimed (negative)
   * @param bytes that they keep from being used, of the same sign or 0
   */
  void addWaiting(long things, long bytes);

  /**
   * Whether this thread may wait for a grace period: it is in no section and in no callback, and
   * this is open.
   */
  boolean mayWait();

  /**
   * For somebody who found no memory: a grace period for what waits begins at once, as by {@link
   * #expedite}, and the caller waits until some of it has been reclaimed. Returns at once if the
   * thread may not wait or nothing waits. A flavour that is stepped by hand does not wait: it steps
   * once, as {@link #barrier} does, and gives up if a reader is inside.
   *
   * @param limit how long to wait at most
   * @return whether something was reclaimed
   */
  boolean reclaim(Duration limit);

  /**
   * An empty batch of values, addresses for instance, for the thread that calls this.
   *
   * @param reclaim called once for each value after a full grace period, as {@link RcuHead#reclaim}
   *     is
   * @throws PageTableException with {@link Reason#CLOSED}
   */
  RcuBatch batch(LongConsumer reclaim);

  /**
   * Waits for a full grace period, one that other threads wait for too if there is one.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if this thread is inside a section
   *     or in a callback, {@link Reason#CLOSED}
   */
  void synchronize();

  /**
   * What is queued now does not wait for company: a grace period for it begins at once, and nobody
   * sleeps while it waits for readers. Returns immediately; for somebody who runs out of memory.
   */
  void expedite();

  /** What {@link #isOver} is asked about. */
  long cookie();

  /**
   * Whether a full grace period began after the cookie was taken and is over. Never blocks and
   * begins none: somebody has to call or synchronize.
   */
  boolean isOver(long cookie);

  /**
   * Waits until every head that was queued before, and every value that was flushed, has been
   * reclaimed. Begins grace periods at once.
   *
   * @throws PageTableException as {@link #synchronize}
   */
  void barrier();

  /** What has been done so far. */
  RcuStatistics statistics();

  /**
   * Runs everything that is queued, also what callbacks queue meanwhile, and stops the threads of
   * this object; from then on it refuses. Waits for readers as {@link #synchronize} does. Closing
   * again does nothing.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} inside a section or a callback; it
   *     stays open
   */
  @Override
  void close();
}
