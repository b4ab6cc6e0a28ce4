package dev.memdesc.api.descriptor;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SpinWait;
import dev.memdesc.api.memory.TableOwner;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor of a page table (ptdesc). Backends may extend it with fields of their own.
 *
 * <p>State, lock and number of entries share one word, so that one atomic step sees all three:
 *
 * <pre>
 *   63                                                    8    7    5   4  3     0
 *  +-------------------------------------------------------+------+---+----+------+
 *  |               entries that are not EMPTY              |   0  |new|lock| state|
 *  +-------------------------------------------------------+------+---+----+------+
 * </pre>
 *
 * <p>{@code lock} is the kernel's split page-table lock: whoever has it may store items. An
 * operation costs one compare-and-set that locks and one release store that unlocks and publishes
 * the new count. {@code new} marks a table that the running map has hooked and not yet filled:
 * exactly these are taken away again if the map fails.
 */
public non-sealed class TableDescriptor extends Descriptor {
  private static final VarHandle WORD;
  // The flags lie low, where instructions have room for their masks, and the count high, where a
  // sign is its own.
  private static final long STATE_MASK = 0xF;
  private static final long LOCK = 1L << 4;
  private static final long HOOKED = TableState.HOOKED.ordinal();
  private static final long NEW = 1L << 5;
  private static final int COUNT_SHIFT = 8;
  private static final long COUNT_MASK = -1L << COUNT_SHIFT;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(TableDescriptor.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // docs/concurrency.md says who writes which part, and how.
  @KernelSlot(value = "__page_type, ptl", offset = 40, bytes = 12)
  @SuppressWarnings("UnusedVariable") // through WORD
  private volatile long word;

  private long pa;

  @KernelSlot(value = "pt_mm", offset = 32, bytes = 8)
  private @Nullable TableOwner owner;

  @KernelSlot(value = "pt_list", offset = 8, bytes = 16)
  private @Nullable TableDescriptor next;

  @KernelSlot(value = "pmd_huge_pte", offset = 16, bytes = 8)
  private @Nullable TableDescriptor deposited;

  private byte level;
  private byte node;

  /** A descriptor of no table yet, FREE. */
  public TableDescriptor() {}

  /**
   * Binds a FREE descriptor to memory. For table memory only.
   *
   * @param pa of the first byte of the table
   * @param node the NUMA node of that memory, 0..255
   */
  public final void bind(long pa, int node) {
    this.pa = pa;
    this.node = (byte) node;
  }

  /**
   * Hands the table out: FREE becomes ALLOCATED with no entries. For table memory only, whose lock
   * sees to it that one thread does.
   */
  public final void assign(TableOwner owner, int level) {
    requireState(TableState.FREE, TableState.ALLOCATED);
    this.owner = owner;
    this.level = (byte) level;
    onAssign();
    WORD.setRelease(this, (long) TableState.ALLOCATED.ordinal());
  }

  /**
   * Forgets what a subclass knows of the table that this descriptor was of before. Called each time
   * a table is handed out, before anybody else sees it.
   */
  protected void onAssign() {}

  @Override
  public final long pa() {
    return pa;
  }

  /** The NUMA node of the table's memory. */
  public final int node() {
    return node & 0xFF;
  }

  /** The level of the table, 0 for the leaf-only level. */
  public final int level() {
    return level;
  }

  /** Whom the table belongs to, or last belonged to. Null before its first use. */
  public final @Nullable TableOwner owner() {
    return owner;
  }

  /** Where the table is in its life. */
  public final TableState state() {
    return stateOf((long) WORD.getAcquire(this));
  }

  /** How many entries are not EMPTY; for a table dropped whole, how many it had. */
  public final int count() {
    return countOf((long) WORD.getOpaque(this));
  }

  /** Whether the running map hooked this table. */
  public final boolean isNew() {
    return ((long) WORD.getOpaque(this) & NEW) != 0;
  }

  /** Whether a thread has the lock now: for checks, when nobody works on the table. */
  public final boolean isLocked() {
    return ((long) WORD.getOpaque(this) & LOCK) != 0;
  }

  /** The number of entries in a word that {@link #lock} returned. */
  public static int countOf(long word) {
    return (int) (word >> COUNT_SHIFT);
  }

  /**
   * Locks the table, whatever its state; waits while another thread has the lock.
   *
   * @return the word without the lock, for {@link #unlock}
   */
  public final long lock() {
    long old = (long) WORD.getOpaque(this) & ~LOCK;
    // Acquire pairs with the release in unlock: the items are as the last holder left them.
    return (long) WORD.compareAndExchangeAcquire(this, old, old | LOCK) == old ? old : await(false);
  }

  /**
   * Locks a table whose entries are about to change; waits while another thread has the lock.
   *
   * @return the word without the lock, for {@link #unlock}
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if the table is not HOOKED, or not
   *     any more: another thread took it out of its parent meanwhile; nothing changed
   */
  public final long lockHooked() {
    // A word with another state fails the comparison as one that is locked does.
    long old = ((long) WORD.getOpaque(this) & ~(LOCK | STATE_MASK)) | HOOKED;
    return (long) WORD.compareAndExchangeAcquire(this, old, old | LOCK) == old ? old : await(true);
  }

  /**
   * Locks the table after another thread, or after its entries changed meanwhile.
   *
   * @param onlyHooked whether a table in another state is refused
   */
  private long await(boolean onlyHooked) {
    for (int tries = 0; ; tries++) {
      long old = (long) WORD.getOpaque(this);
      if (onlyHooked && (old & STATE_MASK) != HOOKED) {
        throw notHooked(stateOf(old));
      }
      if ((old & LOCK) == 0 && WORD.weakCompareAndSetAcquire(this, old, old | LOCK)) {
        return old;
      }
      SpinWait.pause(tries);
    }
  }

  /**
   * Unlocks the table and publishes its count in the same store; it is not new any more.
   *
   * @param word what {@link #lock} returned
   * @param added how many more entries there are, negative for fewer
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if the count would fall below 0;
   *     it is 0 then, and the table is unlocked
   */
  public final void unlock(long word, int added) {
    unlockNew(word & ~NEW, added);
  }

  /** The same, but a table that is new stays so: its map is not done with it. */
  public final void unlockNew(long word, int added) {
    long unlocked = word + ((long) added << COUNT_SHIFT);
    if (unlocked < 0) {
      WORD.setRelease(this, word & ~COUNT_MASK);
      throw negative(countOf(unlocked));
    }
    WORD.setRelease(this, unlocked);
  }

  private PageTableException notHooked(TableState state) {
    return PageTableException.because(
            Reason.ILLEGAL_STATE, "a table must be hooked while its entries change")
        .hex("pa", pa)
        .with("level", level())
        .with("state", state)
        .hint("another thread may have removed it: one thread at a time changes an address space")
        .build();
  }

  private PageTableException negative(int count) {
    return PageTableException.because(Reason.ILLEGAL_STATE, "a table has no fewer than 0 entries")
        .hex("pa", pa)
        .with("level", level())
        .with("count", count)
        .build();
  }

  /** Unlocks a table that was locked in an earlier phase, or born locked. */
  public final void unlock(int added) {
    unlock((long) WORD.getOpaque(this) & ~LOCK, added);
  }

  /**
   * Takes a table that only this thread knows from ALLOCATED to HOOKED, new, and locked if it is
   * asked for. What is stored after it publishes the table.
   */
  public final void beHooked(boolean locked) {
    requireState(TableState.ALLOCATED, TableState.HOOKED);
    WORD.setRelease(this, TableState.HOOKED.ordinal() | NEW | (locked ? LOCK : 0));
  }

  /**
   * Takes a step that no other thread can take: the table belongs to a gather or to table memory.
   * The edge must be one that {@link TableState} has.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if the table is not in {@code
   *     from}
   */
  public final void becomeAlone(TableState from, TableState to) {
    long old = (long) WORD.getAcquire(this);
    // Whether there is such an edge is known where the call is written; what the state is, is not.
    assert from.mayBecome(to) : from + " -> " + to;
    if ((old & STATE_MASK) != from.ordinal()) {
      throw illegal(stateOf(old), from, to);
    }
    WORD.setRelease(this, (old & ~STATE_MASK) | to.ordinal());
  }

  /**
   * Takes a table from HOOKED to DEAD in one step, which is its last locking: a table that is not
   * new is waited for until its lock is free; one that is new is locked by this thread already.
   *
   * @throws PageTableException as {@link #become}
   */
  public final void kill() {
    for (int tries = 0; ; tries++) {
      long old = requireState(TableState.HOOKED, TableState.DEAD);
      long dead = TableState.DEAD.ordinal() | (old & COUNT_MASK);
      if ((old & NEW) != 0) {
        WORD.setRelease(this, dead);
        return;
      }
      // Acquire and release: the items are as the last holder left them, and nobody is next.
      if ((old & LOCK) == 0 && WORD.compareAndSet(this, old, dead)) {
        return;
      }
      SpinWait.pause(tries);
    }
  }

  private long requireState(TableState from, TableState to) {
    long word = (long) WORD.getAcquire(this);
    if (stateOf(word) != from || !from.mayBecome(to)) {
      throw illegal(stateOf(word), from, to);
    }
    return word;
  }

  /**
   * Takes one step of the life cycle.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if the table is not in {@code
   *     from} or {@link TableState} has no such edge; nothing changed
   */
  public final void become(TableState from, TableState to) {
    // Goes round only when another thread has taken a step meanwhile: nobody is waited for.
    while (true) {
      long old = requireState(from, to);
      // Release pairs with the acquire of whoever reads the new state.
      if (WORD.weakCompareAndSetRelease(this, old, (old & ~STATE_MASK) | to.ordinal())) {
        return;
      }
    }
  }

  private PageTableException illegal(TableState found, TableState needed, TableState next) {
    return PageTableException.because(
            Reason.ILLEGAL_STATE, "a table goes from one state of its life to the next")
        .hex("pa", pa)
        .with("level", level())
        .with("state", found)
        .with("needed", needed)
        .with("next", next)
        .build();
  }

  /** The next table of the one list that this table is on: a gather, a cache, or deposits. */
  public final @Nullable TableDescriptor next() {
    return next;
  }

  /** Links this table. Belongs to whoever holds it. */
  public final void setNext(@Nullable TableDescriptor next) {
    this.next = next;
  }

  /** The tables deposited with the large leaves of this table, linked by {@link #next}. */
  public final @Nullable TableDescriptor deposited() {
    return deposited;
  }

  /** Sets the first of the deposited tables. */
  public final void setDeposited(@Nullable TableDescriptor first) {
    this.deposited = first;
  }

  private static TableState stateOf(long word) {
    return TableState.of((int) (word & STATE_MASK));
  }

  @Override
  public final String toString() {
    return "table[pa=%s, level=%d, state=%s, count=%d]"
        .formatted(Hex.of(pa), level(), state(), count());
  }
}
