package dev.memdesc.api.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;

/**
 * One thread's registration as a reader. Callers pass it along: looking it up costs more than a
 * read section does.
 *
 * <p>What a reader finds between {@link #enter} and the {@link #exit} that belongs to it is not
 * freed before that exit. Sections nest; only the outermost ones count. Neither method allocates,
 * blocks or takes a lock.
 *
 * <p>An abstract class, so that entering costs at most one virtual call; where one flavour of
 * {@link Rcu} is loaded the JIT inlines it.
 */
public abstract class Reader implements AutoCloseable {
  private final Rcu rcu;

  /**
   * For the flavours of {@link Rcu}.
   *
   * @param rcu whose grace periods wait for this reader
   */
  protected Reader(Rcu rcu) {
    this.rcu = rcu;
  }

  /** Whose grace periods wait for this reader: what another one frees it does not protect. */
  public final Rcu rcu() {
    return rcu;
  }

  /**
   * Begins a read section, or a nested one. Only the thread that registered may call it; another
   * one is refused with {@link Reason#ILLEGAL_STATE} where the property {@code memdesc.debug} is
   * true, because the check would cost as much as the section.
   *
   * @throws PageTableException with {@link Reason#CLOSED}
   */
  public abstract void enter();

  /**
   * Ends the section that was entered last.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if no section is entered, {@link
   *     Reason#CLOSED}; nothing changed
   */
  public abstract void exit();

  /** Whether the thread is in a section. */
  public abstract boolean isInside();

  /**
   * Says that the thread holds nothing that it found in a section. The QSBR flavour waits for this
   * and for {@link #offline}; the others need neither.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} inside a section, {@link
   *     Reason#CLOSED}
   */
  public abstract void quiescent();

  /**
   * Nobody waits for this thread until {@link #online}: for QSBR readers that are about to block.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} inside a section or in another
   *     thread, {@link Reason#CLOSED}
   */
  public abstract void offline();

  /** Ends {@link #offline}; throws as that does. */
  public abstract void online();

  /**
   * Ends the registration; another thread may do it when the reader's has ended. Closing again does
   * nothing.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} inside a section, or in another
   *     thread while the reader's runs; the reader stays registered
   */
  @Override
  public abstract void close();
}
