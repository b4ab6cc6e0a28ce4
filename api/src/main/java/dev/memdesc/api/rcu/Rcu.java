package dev.memdesc.api.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;

/** Grace periods. (The contract is written here with the flavours.) */
public interface Rcu extends AutoCloseable {
  /** Registers the calling thread as a reader. */
  Reader register();

  /**
   * Calls {@link RcuHead#reclaim} after a full grace period: when every section that was entered
   * before this call has ended.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if the head waits already, {@link
   *     Reason#CLOSED}; nothing changed
   */
  void call(RcuHead head);

  /** Waits for a full grace period. */
  void synchronize();

  /** Waits until every callback that was queued before has run. */
  void barrier();

  @Override
  void close();
}
