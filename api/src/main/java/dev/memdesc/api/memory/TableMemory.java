package dev.memdesc.api.memory;

import dev.memdesc.api.Failures;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.rcu.Rcu;
import org.jspecify.annotations.Nullable;

/** Turns "a table of level L" into memory with a descriptor. Safe for any number of threads. */
public interface TableMemory {
  /**
   * A table of {@code level} for {@code owner}, {@link TableState#ALLOCATED}, every item of it (and
   * of its shadow) in the level's EMPTY pattern, counted in the owner's account. Does not wait for
   * tables that wait for a grace period: the caller may hold locks. Whoever asked it (an address
   * space) waits without them and tries again.
   *
   * @param node the NUMA node wanted, or {@link PageAllocator#ANY_NODE}
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY}, {@link Reason#CLOSED} if {@link
   *     #close} was called for the owner; nothing changed
   */
  TableDescriptor allocate(TableOwner owner, int level, int node);

  /**
   * Takes a table back that is {@link TableState#ALLOCATED}, {@link TableState#DEPOSITED} or {@link
   * TableState#WAITING}, and takes it out of its owner's account.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} in any other state; nothing
   *     changed
   */
  void free(TableDescriptor table);

  /**
   * Takes back every table of a list, all of them {@link TableState#WAITING}, linked by {@link
   * TableDescriptor#next}: what a gather does when nobody can be inside any more.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if one is in another state; all
   *     others are free
   */
  void freeAll(@Nullable TableDescriptor first);

  /**
   * Takes a table back that a lock-free walker may still be inside: {@link TableState#FLUSHED}
   * becomes {@link TableState#WAITING}, and {@link TableState#FREE} when a full grace period is
   * over. Until then its memory is not used again, it stays in its owner's account and in {@link
   * #allocatedBytes}. Allocates nothing, and waits only where {@link Rcu#call} pays for a backlog.
   *
   * <p>For single tables. Who collects many (a gather) hands them over together, with {@link
   * #freeAllDeferred}.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if the table is not FLUSHED,
   *     {@link Reason#FOREIGN} if it is not of this table memory; nothing changed. With {@link
   *     Reason#CLOSED} if there are no grace periods any more: the table is WAITING then, and
   *     {@link #free} takes it
   */
  void freeDeferred(TableDescriptor table);

  /**
   * Takes back every table of a list, all of them {@link TableState#FLUSHED}, linked by {@link
   * TableDescriptor#next}: they wait together, and {@link #freeAll} takes them when a full grace
   * period is over. What is deferred here is not deferred again.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if one is not FLUSHED, {@link
   *     Reason#FOREIGN} if one is not of this table memory: it stays as it is, and all others are
   *     taken. With {@link Reason#CLOSED} if there are no grace periods any more: the tables are
   *     WAITING then, and what became of them is the table memory's to say
   */
  default void freeAllDeferred(@Nullable TableDescriptor first) {
    Throwable failure = null;
    TableDescriptor rest = first;
    while (rest != null) {
      TableDescriptor table = rest;
      rest = table.next();
      table.setNext(null);
      try {
        freeDeferred(table);
      } catch (RuntimeException | Error e) {
        failure = Failures.join(failure, e);
      }
    }
    Failures.throwIfAny(failure);
  }

  /**
   * The owner goes away: it gets no more tables. Those it has can still be freed, and deferred
   * frees may be pending; the memory kept for it goes back to the page allocator with the last of
   * them. Closing again does nothing.
   */
  void close(TableOwner owner);

  /** Gives the memory of tables that are kept for re-use back to the page allocator. */
  void trim();

  /** Bytes of tables handed out, by node: those that wait for a grace period too. */
  long allocatedBytes(int node);
}
