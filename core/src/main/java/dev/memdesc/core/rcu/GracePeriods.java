package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The number of the newest grace period, the list of readers, and the three steps of a grace
 * period: raise the number, order memory, look at every slot.
 *
 * <p><b>Why it is enough.</b> A section whose slot holds an older number, or that was entered while
 * the number was read, is waited for. A section that the scan does not see stored its slot after
 * the scan read it; the fences between its store and its loads, and between the updater's stores
 * and the scan, make it see what the updater stored. One pass is enough because numbers only grow:
 * a slot with the new number, or a newer one, belongs to a section that began after the number was
 * raised; and its loads come after it read the number, which is an acquire.
 *
 * <p>A reader that registers late is either on the list when the scan reads it, or entered its
 * first section after the scan began: the list is read after the number is raised, never before.
 *
 * <p>One grace period at a time: whoever steps has the flavour's lock.
 */
class GracePeriods {
  private static final VarHandle NEWEST;
  private static final VarHandle OVER;
  private static final VarHandle READERS;
  private static final ListedReader[] NONE = new ListedReader[0];
  private static final int FIRST_PRUNE = 64;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEWEST = lookup.findVarHandle(GracePeriods.class, "newest", long.class);
      OVER = lookup.findVarHandle(GracePeriods.class, "over", long.class);
      READERS = lookup.findVarHandle(GracePeriods.class, "readers", ListedReader[].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // A slot's word: the number above, depth 1 below, so that enter stores what it loads.
  private long newest = ReaderSlot.STEP + 1;

  @SuppressWarnings("UnusedVariable") // through OVER
  private long over = ReaderSlot.STEP + 1;

  // Copied on every change, under this object's lock.
  private ListedReader[] readers = NONE;
  private int pruneAt = FIRST_PRUNE;
  private int dead;
  private boolean closed;

  /**
   * What an outermost section stores in its slot. The acquire keeps the section's loads behind it
   * and pairs with the volatile store of {@link #raise}: who reads the new number finds what the
   * updater stored before. (Where a full fence follows it would not be needed, and costs nothing.)
   */
  final long newest() {
    return (long) NEWEST.getAcquire(this);
  }

  /**
   * Begins a grace period.
   *
   * @return its word; {@link #allPassed} is asked about it
   */
  long begin() {
    long word = raise();
    order();
    return word;
  }

  /** Raises the number: sections that begin from here on are not waited for. */
  final long raise() {
    long word = newest + ReaderSlot.STEP;
    NEWEST.setVolatile(this, word);
    return word;
  }

  /** Puts the updater's stores before the scan; pairs with the fence of enter. */
  void order() {
    VarHandle.fullFence();
  }

  /** Whether every section that was entered before has ended. */
  final boolean allPassed(long word) {
    for (ListedReader reader : readers()) {
      if (!isPassed(reader, word)) {
        return false;
      }
    }
    return true;
  }

  /** Whether nobody has to wait for this reader; the acquire pairs with the release of exit. */
  boolean isPassed(ListedReader reader, long word) {
    long slot = (long) ReaderSlot.SLOT.getAcquire(reader);
    return slot == 0 || slot >= word;
  }

  /** Ends the grace period: its callbacks may run and its cookies are over. */
  void end(long word) {
    OVER.setRelease(this, word);
  }

  /** A full grace period from now on is one that raises the number after it is read here. */
  long cookie() {
    VarHandle.fullFence();
    return (long) NEWEST.getVolatile(this) + ReaderSlot.STEP;
  }

  final boolean isOver(long cookie) {
    return (long) OVER.getAcquire(this) >= cookie;
  }

  final long count() {
    return ((long) OVER.getAcquire(this) >> ReaderSlot.NEST_BITS) - 1;
  }

  /** The readers of this moment; pairs with the volatile store of {@link #register}. */
  ListedReader[] readers() {
    return (ListedReader[]) READERS.getVolatile(this);
  }

  /**
   * Puts a new reader on the list. Volatile, so before its first section in every thread's eyes.
   */
  final synchronized ListedReader register(Supplier<ListedReader> kind) {
    if (closed) {
      throw closedRcu();
    }
    if (readers.length >= pruneAt) {
      for (ListedReader reader : readers) {
        removeIfDead(reader);
      }
      pruneAt = Math.max(FIRST_PRUNE, 2 * readers.length);
    }
    ListedReader reader = kind.get();
    ListedReader[] longer = Arrays.copyOf(readers, readers.length + 1);
    longer[readers.length] = reader;
    READERS.setVolatile(this, longer);
    return reader;
  }

  /** Takes a reader off the list; false if it was not on it. */
  final synchronized boolean remove(ListedReader reader) {
    int index = Arrays.asList(readers).indexOf(reader);
    if (index < 0) {
      return false;
    }
    ListedReader[] shorter = Arrays.copyOf(readers, readers.length - 1);
    System.arraycopy(readers, index + 1, shorter, index, shorter.length - index);
    READERS.setVolatile(this, shorter);
    return true;
  }

  /** Takes a reader off the list whose thread has ended and so can use nothing any more. */
  final synchronized boolean removeIfDead(ListedReader reader) {
    boolean removed = !reader.owner.isAlive() && remove(reader);
    if (removed) {
      dead++;
    }
    return removed;
  }

  /** How many readers were removed because their thread had ended. */
  final synchronized int deadReaders() {
    return dead;
  }

  /** Whether a reader of this thread is in a section, for those who must not be. */
  final boolean isInside(Thread thread) {
    for (ListedReader reader : readers()) {
      if (reader.owner.equals(thread) && reader.isInside()) {
        return true;
      }
    }
    return false;
  }

  final synchronized void close() {
    closed = true;
  }

  static PageTableException closedRcu() {
    return PageTableException.because(Reason.CLOSED, "RCU is used before it is closed").build();
  }
}
