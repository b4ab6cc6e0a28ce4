package dev.memdesc.core.engine;

import dev.memdesc.api.descriptor.TableDescriptor;

/**
 * One base page whose level-0 table is there: most of what an IOMMU and a fault handler ever ask.
 * One way down, one lock, one item. The general operations do the same for any range; here nothing
 * is left in the way that one page does not need, and nothing between this object and the root
 * (docs/benchmarks.md counts the instructions).
 */
abstract class Pages extends Descent {
  /** What {@link #unmapPage} returns if there is no such table. */
  static final int NO_TABLE = -1;

  Pages(Tree tree) {
    super(tree);
  }

  /** Stores a leaf; false, and nothing done, if there is no level-0 table for it yet. */
  final boolean mapPage(long va, long leaf) {
    long offset = leafTable(va);
    TableDescriptor table = descriptor(offset);
    if (table == null) {
      return false;
    }
    // A level-0 table whose lock can be had is not new any more.
    long word = Tree.lock(table);
    long at = addressOf(offset, Stamp.L0, va);
    long item = load(at);
    if (item != Stamp.L0.emptyItem()) {
      table.unlockNew(word, 0);
      throw Checks.inTheWay(Stamp.L0, va, item);
    }
    publish(at, leaf);
    table.unlockNew(word, 1);
    return true;
  }

  /**
   * Removes what there is; returns how many items were not EMPTY, or {@link #NO_TABLE}, also for a
   * page in the middle of a group.
   */
  final int unmapPage(long va) {
    long offset = leafTable(va);
    TableDescriptor table = descriptor(offset);
    if (table == null) {
      return NO_TABLE;
    }
    long word = Tree.lock(table);
    long at = addressOf(offset, Stamp.L0, va);
    long item = load(at);
    if (item == Stamp.L0.emptyItem()) {
      table.unlockNew(word, 0);
      return 0;
    }
    if (Stamp.GROUPS0 && Groups.isGroup(Stamp.L0, item)) {
      table.unlockNew(word, 0);
      return NO_TABLE;
    }
    publish(at, Stamp.L0.emptyItem());
    table.unlockNew(word, -1);
    return 1;
  }
}
