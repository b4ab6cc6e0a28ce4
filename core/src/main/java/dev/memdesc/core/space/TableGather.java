package dev.memdesc.core.space;

import dev.memdesc.api.Gather;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.spi.Invalidator;
import dev.memdesc.core.guard.Arguments;
import org.jspecify.annotations.Nullable;

/**
 * Collects what operations unhook, and is the only way from UNHOOKED to FREE. Tables are linked
 * through their descriptors, so collecting allocates nothing.
 *
 * <p>One thread at a time uses a gather; it also carries the scratch space of that thread's
 * operation, so the engine allocates nothing either.
 */
public final class TableGather implements Gather {
  private final TableOwner owner;
  private final TableMemory tableMemory;
  private final MapRequest request;
  // Null where no hardware caches the owner's translations.
  private final @Nullable PendingRanges pending;
  // What flushes of this owner's gathers could not do; null if none can fail.
  private final @Nullable Unflushed unflushed;
  private @Nullable TableDescriptor first;
  private int tables;
  // How many of the tables lie in ranges that hardware is or was told of.
  private int coveredTables;
  private long bytes;
  private int invalidations;

  /** An empty gather for the operations of an owner whose translations nothing caches. */
  public TableGather(TableOwner owner, TableMemory tableMemory) {
    this(owner, tableMemory, null, null);
  }

  /**
   * An empty gather for the operations of one owner.
   *
   * @param invalidator makes hardware forget; null if none caches the owner's translations
   * @param unflushed keeps for the owner what a flush could not do; null if none can fail
   */
  TableGather(
      TableOwner owner,
      TableMemory tableMemory,
      @Nullable Invalidator invalidator,
      @Nullable Unflushed unflushed) {
    this.unflushed = unflushed;
    this.owner = owner;
    this.tableMemory = tableMemory;
    this.request = new MapRequest(owner.format().largest());
    this.pending = invalidator == null ? null : new PendingRanges(invalidator);
  }

  /**
   * The gather as the engine of this owner uses it.
   *
   * @throws PageTableException with {@link Reason#FOREIGN} if it belongs to another owner
   */
  @SuppressWarnings("ReferenceEquality") // owners are told apart by identity
  static TableGather of(Gather gather, TableOwner owner) {
    if (gather instanceof TableGather own && own.owner == owner) {
      return own;
    }
    Arguments.require(gather, "gather");
    throw PageTableException.because(
            Reason.FOREIGN, "a gather is used with the address space that made it")
        .with("space", owner.name())
        .with("gather", gather instanceof TableGather other ? other.owner.name() : gather)
        .build();
  }

  /** Scratch space for the operation that runs with this gather. */
  public MapRequest request() {
    return request;
  }

  /** Takes a table that is DEAD and has just left its parent's item. */
  public void addTable(TableDescriptor table) {
    table.becomeAlone(TableState.DEAD, TableState.UNHOOKED);
    table.setNext(first);
    first = table;
    tables++;
  }

  /** Notes that the translations of a range changed, and which tables were unhooked from it. */
  public void addRange(long va, long last) {
    bytes += last - va + 1;
    cover(va, last);
  }

  /** Notes that the translation of one leaf changed, of {@code size} bytes. */
  public void addLeaf(long va, long size) {
    bytes += size;
    if (pending != null) {
      pending.add(va, va + (size - 1), size, false);
    }
  }

  /**
   * Notes that tables were unhooked from a range in which nothing was mapped: a walk cache may know
   * them.
   */
  public void cover(long va, long last) {
    if (pending != null) {
      pending.add(va, last, request.leafSizes, tables != coveredTables);
      coveredTables = tables;
      request.leafSizes = 0;
    }
  }

  /**
   * Invalidates a range, and all that was noted before, at once, before the caller goes on: where
   * an item becomes EMPTY before it gets another entry (break before make), and where a leaf takes
   * the place of a table that a walk cache may know.
   *
   * @throws PageTableException with {@link Reason#TOOL} if hardware does not answer; what was noted
   *     stays noted here
   */
  public void invalidateNow(long va, long last) {
    // The sizes seen so far are those of a larger range too, of which this is a part.
    long sizes = request.leafSizes;
    addRange(va, last);
    request.leafSizes = sizes;
    invalidations++;
    if (pending != null) {
      pending.complete();
    }
  }

  /**
   * Invalidates at once what a failed map hooked and took away again: its caller knows of no range
   * that has to be flushed before it maps there again. If hardware does not answer, the owner keeps
   * all that is noted, and its next map does it first.
   *
   * @param ask whether hardware is asked now; false if it did not answer a moment ago
   * @throws PageTableException with {@link Reason#TOOL} if hardware does not answer
   */
  public void coverNow(long va, long last, boolean ask) {
    cover(va, last);
    if (ask) {
      complete();
    } else {
      leaveToOwner();
    }
  }

  /**
   * Takes what failed flushes of this owner's gathers left, where hardware has forgotten it all.
   */
  void takeOver() {
    if (unflushed != null && unflushed.any()) {
      var _ = unflushed.takeInto(this, pending);
      unflushed.settled();
    }
  }

  /** Does what failed flushes of this owner's gathers left: for a map, which would build on it. */
  void settle() {
    completeAll(true);
  }

  /**
   * Does what is noted here together with what failed flushes left.
   *
   * @param builds whether the caller is about to map: then it does not go on before hardware has
   *     forgotten what another gather has taken and is not done with
   */
  private void completeAll(boolean builds) {
    if (unflushed == null || !unflushed.any()) {
      complete();
      return;
    }
    boolean others = unflushed.takeInto(this, pending);
    try {
      if (others && builds && pending != null) {
        // Nobody waits for another's flush, which may fail: it is done here, too.
        pending.addEverything();
      }
      complete();
    } finally {
      unflushed.settled();
    }
  }

  /** Takes tables that lie in ranges which are noted here, or which nothing knows any more. */
  void adopt(@Nullable TableDescriptor list, int count) {
    TableDescriptor table = list;
    while (table != null) {
      TableDescriptor next = table.next();
      table.setNext(first);
      first = table;
      table = next;
    }
    tables += count;
    coveredTables += count;
  }

  /** Tells hardware, and waits; if it does not answer, everything goes to the owner. */
  private void complete() {
    if (pending == null) {
      return;
    }
    try {
      pending.complete();
    } catch (RuntimeException | Error e) {
      if (leaveToOwner()) {
        throw e;
      }
      // The owner was closed meanwhile: hardware has forgotten all of it.
      pending.clear();
    }
  }

  /** Gives all that is held here to the owner; false, and nothing done, if that is closed. */
  private boolean leaveToOwner() {
    if (pending == null || unflushed == null) {
      return true;
    }
    if (tables != coveredTables) {
      // An operation was cut short: whoever takes these tables takes them for covered.
      pending.addEverything();
    }
    if (!unflushed.keep(pending, first, tables)) {
      return false;
    }
    first = null;
    tables = 0;
    coveredTables = 0;
    bytes = 0;
    return true;
  }

  /** How many times an operation could not wait for the flush. */
  public int invalidations() {
    return invalidations;
  }

  @Override
  public int tables() {
    return tables;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  // Where a lazy mode goes (the design, section 8, rules 3 and 4): a queue of the owner takes what
  // a gather
  // holds here, ranges and UNHOOKED tables, and drains many at once with one invalidation of
  // everything. Two things come with it. An iova is not used again before its drain, so whoever
  // hands iovas out has to be told of it; and a map that hooks a table where the last unhook is
  // newer than the last drain invalidates that span first (Tree.hook).
  @Override
  public void flush() {
    if (pending != null) {
      if (tables != coveredTables) {
        // An operation was cut short after it unhooked a table.
        pending.addEverything();
      }
      completeAll(false);
    }
    // What was unhooked is forgotten.
    for (TableDescriptor table = first; table != null; table = table.next()) {
      if (table.state() != TableState.FLUSHED) { // it is if an earlier flush was cut short
        table.becomeAlone(TableState.UNHOOKED, TableState.FLUSHED);
      }
    }
    TableDescriptor handed = first;
    first = null;
    tables = 0;
    coveredTables = 0;
    if (handed != null) {
      // A walker may be inside: free only when every read section of now has ended.
      tableMemory.freeAllDeferred(handed);
    }
    bytes = 0;
  }

  @Override
  public String toString() {
    return "gather of %s: tables=%d, bytes=%s"
        .formatted(owner.name(), tables, Long.toUnsignedString(bytes));
  }
}
