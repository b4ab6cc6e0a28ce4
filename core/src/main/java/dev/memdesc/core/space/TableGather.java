package dev.memdesc.core.space;

import dev.memdesc.api.Gather;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
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
  private @Nullable TableDescriptor first;
  private int tables;
  private long bytes;
  private int invalidations;

  /** An empty gather for the operations of one owner. */
  public TableGather(TableOwner owner, TableMemory tableMemory) {
    this.owner = owner;
    this.tableMemory = tableMemory;
    this.request = new MapRequest(owner.format().largest());
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

  /** Notes that the translations of a range changed. */
  public void addRange(long va, long last) {
    bytes += last - va + 1;
  }

  /**
   * Invalidates a range at once, before the caller goes on: where an item becomes EMPTY before it
   * gets another entry (break before make), and where a leaf takes the place of a table that a walk
   * cache may know.
   */
  public void invalidateNow(long va, long last) {
    // No unit caches translations yet, so there is nobody to wait for.
    addRange(va, last);
    invalidations++;
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

  @Override
  public void flush() {
    // No unit caches translations yet, so UNHOOKED tables are flushed. The ranges are kept for the
    // day when there is someone to tell.
    for (TableDescriptor table = first; table != null; table = table.next()) {
      if (table.state() != TableState.FLUSHED) { // it is if an earlier flush was cut short
        table.becomeAlone(TableState.UNHOOKED, TableState.FLUSHED);
      }
    }
    TableDescriptor handed = first;
    first = null;
    tables = 0;
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
