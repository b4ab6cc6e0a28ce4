package dev.memdesc.core.fragment;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.FragmentPage;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.core.rcu.WeightedHead;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A page of a {@link MaskedFragmentPool}: data, and the atomic steps on it. What they mean is told
 * there.
 *
 * <p>One word arbitrates:
 *
 * <pre>
 *   63                              32  31   30                             0
 *  +----------------------------------+----+---------------------------------+
 *  |  free, signed                    |held|  pending                        |
 *  +----------------------------------+----+---------------------------------+
 * </pre>
 *
 * <p>{@code pending} fragments wait for a grace period. A page is {@code held} while a thread
 * allocates from it. {@code free} counts the fragments that were given back and that no holder took
 * into its own mask; it is below 0 for the moment in which a holder was faster than who gives back.
 *
 * <p>A fragment that is out has no bit in any mask but, perhaps, DIRTY.
 */
final class Page extends FragmentPage {
  static final long PENDING = 1;
  static final long HELD = 1L << 31;
  static final long FREE = 1L << 32;

  /** Free, and the holder's to hand out: plain, for the holder only. */
  static final int OWN = 0;

  /** Free, but given back past the holder. */
  static final int SHARED = 1;

  /** Wait for the grace period that was asked for. */
  static final int CURRENT = 2;

  /** Came since then and wait for the next grace period. */
  static final int NEXT = 3;

  /** Does not hold what the layout says. */
  static final int DIRTY = 4;

  private static final int KINDS = 5;
  private static final int WORD_LG2 = 6;
  private static final VarHandle WORD;
  private static final VarHandle MASKS = MethodHandles.arrayElementVarHandle(long[].class);

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(Page.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MaskedFragmentPool pool;
  private final RcuHead head = new Head(this);
  // How many words a mask has.
  private final int words;
  // By kind, then by 64 fragments. docs/concurrency.md has a line for each kind.
  private final long[] masks;

  @SuppressWarnings("UnusedVariable") // through WORD
  private volatile long word;

  // The lowest word of OWN that may have a bit. The holder's.
  private int first;
  // Of PageLists, under its lock.
  @Nullable Page previous;
  @Nullable Page next;
  byte place;

  /**
   * A page of no memory yet.
   *
   * @param tables how many fragments may be tables: all or none
   */
  Page(MaskedFragmentPool pool, int fragmentBytes, int fragments, int tables) {
    super(fragmentBytes, tables);
    this.pool = pool;
    this.words = (fragments + Long.SIZE - 1) >>> WORD_LG2;
    this.masks = new long[KINDS * words];
  }

  /**
   * What waits for a grace period in the name of a page. It keeps the page, of which nobody knows
   * how many fragments will wait when the grace period is over.
   */
  private static final class Head extends WeightedHead {
    private final Page page;

    Head(Page page) {
      this.page = page;
    }

    @Override
    protected long weight() {
      return 1;
    }

    @Override
    protected long bytes() {
      return page.pool.pageBytes();
    }

    @Override
    protected void reclaim() {
      page.pool.reclaim(page);
    }

    @Override
    public String toString() {
      return "head of " + page;
    }
  }

  /** Becomes a page at {@code pa}, held, all fragments the holder's, while nobody can find it. */
  void reset(long pa, int fragments, boolean dirty) {
    bindPage(pa);
    first = 0;
    for (int w = 0; w < words; w++) {
      int bits = Math.min(Long.SIZE, fragments - (w << WORD_LG2));
      long all = -1L >>> (Long.SIZE - bits);
      masks[OWN * words + w] = all;
      masks[SHARED * words + w] = 0;
      masks[CURRENT * words + w] = 0;
      masks[NEXT * words + w] = 0;
      masks[DIRTY * words + w] = dirty ? all : 0;
    }
    WORD.setRelease(this, HELD);
  }

  /** Gives a fragment that only the calling thread knows a descriptor. */
  void addTable(int index, TableDescriptor table) {
    setTable(index, table);
  }

  MaskedFragmentPool pool() {
    return pool;
  }

  RcuHead head() {
    return head;
  }

  /** How many words a mask has. */
  int words() {
    return words;
  }

  // The word.

  static int freeOf(long word) {
    return (int) (word >> 32);
  }

  static int pendingOf(long word) {
    return (int) word & Integer.MAX_VALUE;
  }

  static boolean isHeld(long word) {
    return (word & HELD) != 0;
  }

  long word() {
    return (long) WORD.getAcquire(this);
  }

  /** Full compare-and-set: masks written before are seen by whoever reads the new word. */
  boolean changeWord(long old, long now) {
    return WORD.compareAndSet(this, old, now);
  }

  /** The word before. */
  long addWord(long added) {
    return (long) WORD.getAndAdd(this, added);
  }

  // The masks.

  /** A word of a mask; exact for whoever may change it, a hint for others. */
  long mask(int kind, int w) {
    return (long) MASKS.getOpaque(masks, kind * words + w);
  }

  /** Sets bits, atomically; the word before. */
  long setBits(int kind, int w, long bits) {
    return (long) MASKS.getAndBitwiseOr(masks, kind * words + w, bits);
  }

  /** Clears bits, atomically. */
  void clearBits(int kind, int w, long bits) {
    MASKS.getAndBitwiseAnd(masks, kind * words + w, ~bits);
  }

  /** Takes all bits, atomically. */
  long takeBits(int kind, int w) {
    return mask(kind, w) == 0 ? 0 : (long) MASKS.getAndSet(masks, kind * words + w, 0L);
  }

  /** Stores a word of a mask that belongs to this thread alone. */
  void storeBits(int kind, int w, long bits) {
    MASKS.setOpaque(masks, kind * words + w, bits);
  }

  /** Takes the holder's first free fragment; -1 if it has none. */
  int takeOwn() {
    long[] own = masks;
    int end = words;
    for (int w = first; w < end; w++) {
      long free = own[w];
      if (free != 0) {
        own[w] = free & (free - 1);
        first = w;
        return (w << WORD_LG2) + Long.numberOfTrailingZeros(free);
      }
    }
    first = end;
    return -1;
  }

  /** Gives fragments of one word to the holder, who calls this. */
  void putOwn(int w, long bits) {
    masks[w] |= bits;
    if (w < first) {
      first = w;
    }
  }

  /** How many free fragments the holder has. */
  int countOwn() {
    int count = 0;
    int end = words;
    for (int w = 0; w < end; w++) {
      count += Long.bitCount(masks[w]);
    }
    return count;
  }

  // Fragments.

  static int wordOf(int index) {
    return index >>> WORD_LG2;
  }

  static long bitOf(int index) {
    return 1L << index;
  }

  /**
   * Checks that a fragment is out, for whoever gives it back.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE}
   */
  void checkOut(int index, long pa) {
    int w = index >>> WORD_LG2;
    long[] all = masks;
    // Plain: if the caller really has the fragment, nobody else changes its bits.
    long free = all[w] | all[words + w];
    long waiting = all[CURRENT * words + w] | all[NEXT * words + w];
    if (((free | waiting) >>> index & 1) != 0) {
      throw notOut(pa, (free >>> index & 1) != 0 ? "free" : "waiting");
    }
  }

  static PageTableException notOut(long pa, String found) {
    return PageTableException.because(Reason.ILLEGAL_STATE, "a fragment is given back once")
        .hex("pa", pa)
        .with("state", found)
        .with("needed", "allocated")
        .build();
  }

  @Override
  public String toString() {
    long now = word();
    return "fragments[pa=%s, free=%d, pending=%d, held=%s]"
        .formatted(
            Hex.of(pa()),
            freeOf(now) + (isHeld(now) ? countOwn() : 0),
            pendingOf(now),
            isHeld(now));
  }
}
