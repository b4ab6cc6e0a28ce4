package dev.memdesc.api.descriptor;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.TableOwner;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor of a page table (ptdesc). Backends may extend it with fields of their own.
 *
 * <p>The state and the number of entries share one word, so that a step of the life cycle sees
 * both:
 *
 * <pre>
 *   63    60  59   58                          32 31                             0
 *  +--------+----+------------------------------+--------------------------------+
 *  | state  | new|              0               |  entries that are not EMPTY    |
 *  +--------+----+------------------------------+--------------------------------+
 * </pre>
 *
 * <p>{@code new} marks a table that the running map has hooked and not yet filled: exactly these
 * are taken away again if the map fails.
 */
public non-sealed class TableDescriptor extends Descriptor {
  private static final VarHandle WORD;
  private static final int STATE_SHIFT = 60;
  private static final long STATE_MASK = 0xFL << STATE_SHIFT;
  private static final long NEW = 1L << 59;
  private static final long COUNT_MASK = 0xFFFF_FFFFL;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(TableDescriptor.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // One CAS per step of the life cycle; the count is written by the one thread that may use the
  // table (docs/concurrency.md).
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
   * @param node the NUMA node of that memory
   */
  public final void bind(long pa, int node) {
    this.pa = pa;
    this.node = (byte) node;
  }

  /** Hands the table out: FREE becomes ALLOCATED with no entries. For table memory only. */
  public final void assign(TableOwner owner, int level) {
    become(TableState.FREE, TableState.ALLOCATED);
    this.owner = owner;
    this.level = (byte) level;
    setNew(false);
    setCount(0);
  }

  @Override
  public final long pa() {
    return pa;
  }

  /** The NUMA node of the table's memory. */
  public final int node() {
    return node;
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
    return (int) (long) WORD.getOpaque(this);
  }

  /** Whether the running map hooked this table. */
  public final boolean isNew() {
    return ((long) WORD.getOpaque(this) & NEW) != 0;
  }

  /** Marks the table as hooked by the running map, or as no longer new. */
  public final void setNew(boolean value) {
    long old = (long) WORD.getOpaque(this);
    WORD.setOpaque(this, value ? old | NEW : old & ~NEW);
  }

  /** Adds to the number of entries. Only the thread that uses the owner calls this. */
  public final void addCount(int entries) {
    setCount(count() + entries);
  }

  private void setCount(int entries) {
    long old = (long) WORD.getOpaque(this);
    WORD.setOpaque(this, (old & ~COUNT_MASK) | (entries & COUNT_MASK));
  }

  /**
   * Takes one step of the life cycle.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if the table is not in {@code
   *     from} or {@link TableState} has no such edge; nothing changed
   */
  public final void become(TableState from, TableState to) {
    while (true) {
      long old = (long) WORD.getAcquire(this);
      if (stateOf(old) != from || !from.mayBecome(to)) {
        throw PageTableException.because(
                Reason.ILLEGAL_STATE, "a table goes from one state of its life to the next")
            .hex("pa", pa)
            .with("level", level())
            .with("state", stateOf(old))
            .with("needed", from)
            .with("next", to)
            .build();
      }
      // Release pairs with the acquire of whoever reads the new state.
      if (WORD.weakCompareAndSetRelease(
          this, old, (old & ~STATE_MASK) | ((long) to.ordinal() << STATE_SHIFT))) {
        return;
      }
    }
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
    return TableState.of((int) (word >>> STATE_SHIFT));
  }

  @Override
  public final String toString() {
    return "table[pa=%s, level=%d, state=%s, count=%d]"
        .formatted(Hex.of(pa), level(), state(), count());
  }
}
