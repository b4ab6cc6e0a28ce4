package dev.memdesc.core.fragment;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.TableOwner;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;

/**
 * A pool whose fragments are tables. Each has a descriptor of its own, made when the fragment is
 * handed out for the first time and recycled with its page: lock, state and count of a table are
 * one word, which a table cannot share with its neighbours.
 */
final class TablePool extends MaskedFragmentPool {
  private final Supplier<TableDescriptor> newDescriptor;
  // Index is the node. Atomic adds.
  private final AtomicLongArray allocatedByNode;
  private final boolean hasShadow;

  /**
   * An empty pool.
   *
   * @param allocatedByNode counts bytes of tables that are out or wait
   */
  TablePool(
      FragmentParts parts,
      FragmentLayout layout,
      Supplier<TableDescriptor> newDescriptor,
      AtomicLongArray allocatedByNode) {
    super(parts, layout);
    this.newDescriptor = newDescriptor;
    this.allocatedByNode = allocatedByNode;
    FragmentLayout.Contents contents = layout.contents();
    this.hasShadow = contents != null && contents.shadowBytes() > 0;
  }

  @Override
  int tables() {
    return layout().fragments();
  }

  /** A table, EMPTY and counted. */
  TableDescriptor allocateTable(TableOwner owner, int level) {
    long pa = tryAllocate();
    Page page = pageOf(pa);
    int index = indexOf(page, pa);
    TableDescriptor table = page.tableAt(index);
    if (table == null) {
      try {
        table = newDescriptor.get();
      } catch (RuntimeException | Error e) {
        freeEmpty(pa);
        throw e;
      }
      page.addTable(index, table);
    }
    if (table.pa() != pa || table.owner() == null) {
      // New, or the page had other memory before.
      table.bind(pa, nodeOf(pa));
    }
    table.assign(owner, level);
    count(table, 1);
    return table;
  }

  /** Takes back a table that is FREE already. */
  void freeTable(Page page, TableDescriptor table) {
    count(table, -1);
    long pa = table.pa();
    giveBack(page, indexOf(page, pa), pa, isDirty(table));
  }

  /** Takes back a table that is WAITING, after a grace period. */
  void deferTable(Page page, TableDescriptor table) {
    long pa = table.pa();
    // Before it waits: afterwards it may be free at any time.
    countWaiting(table, 1);
    try {
      defer(page, indexOf(page, pa), pa, isDirty(table));
    } catch (RuntimeException | Error e) {
      countWaiting(table, -1);
      throw e;
    }
  }

  /** The count does not see a shadow, so a table that has one is never known-empty. */
  private boolean isDirty(TableDescriptor table) {
    return hasShadow || table.count() != 0;
  }

  @Override
  void reclaimed(Page page, int w, long bits) {
    for (long rest = bits; rest != 0; rest &= rest - 1) {
      TableDescriptor table = page.tableAt((w << 6) + Long.numberOfTrailingZeros(rest));
      if (table != null) {
        table.becomeAlone(TableState.WAITING, TableState.FREE);
        countWaiting(table, -1);
        count(table, -1);
      }
    }
  }

  private void countWaiting(TableDescriptor table, int tables) {
    TableOwner owner = table.owner();
    if (owner != null) {
      owner.account().addWaitingBytes(table.level(), (long) tables * layout().fragmentBytes());
    }
  }

  private void count(TableDescriptor table, int tables) {
    long bytes = (long) tables * layout().fragmentBytes();
    allocatedByNode.getAndAdd(table.node(), bytes);
    TableOwner owner = table.owner();
    if (owner != null) {
      owner.account().addAllocatedBytes(table.level(), bytes);
    }
  }
}
