package dev.memdesc.core.engine;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.MapRequest;
import dev.memdesc.core.space.TableGather;

/**
 * Map. A range that lies in one level-0 table that is there is checked and written in one pass
 * under that table's lock. Any other range takes two phases. <b>Claim</b> goes over the range once:
 * it hooks every table that is missing, EMPTY and marked new, locks every level-0 table of the
 * range and finds every item free; no translation is visible. <b>Write</b> goes over it again,
 * stores the leaves and unlocks; it cannot fail. If claim fails, the locks are released and the
 * tables it hooked, which hold nothing, are taken away again.
 *
 * <p>Both phases choose the same leaf at each step: the largest of the request's sizes that va, pa
 * and the rest of the range allow and whose item is not a TABLE.
 */
final class Mapper {
  private final Tree tree;

  Mapper(Tree tree) {
    this.tree = tree;
  }

  /** Maps items {@code from..last} of one level-0 table; {@code item} is the first leaf's. */
  void mapInTable(
      TableDescriptor table, int from, int last, long va, long item, MapRequest request) {
    long word = lockFree(table, from, last, va, request);
    fill(table, from, last, va, item, request);
    table.unlock(word, last - from + 1);
  }

  /**
   * Locks a level-0 table and finds items {@code from..last}, which begin at {@code va}, EMPTY;
   * otherwise unlocks it again and throws.
   */
  private long lockFree(TableDescriptor table, int from, int last, long va, MapRequest request) {
    long word = Tree.lock(table);
    if (TableDescriptor.countOf(word) != 0) {
      int found = tree.words.findEntry(table.pa(), from, last + 1, request.staging);
      if (found >= 0) {
        long occupant = tree.load(table, found);
        table.unlock(word, 0);
        throw Checks.inTheWay(Stamp.L0, va + ((long) (found - from) << Stamp.FRAME_LG2), occupant);
      }
    }
    return word;
  }

  private void fill(
      TableDescriptor table, int from, int last, long va, long item, MapRequest request) {
    if (Stamp.LINEAR_PA) {
      tree.words.fillLeaves(table.pa(), from, last + 1, item, request.staging);
      return;
    }
    for (int index = from; index <= last; index++) {
      long pa = va + request.delta + ((long) (index - from) << Stamp.FRAME_LG2);
      tree.words.storeRelease(table.pa(), index, request.items[0] | Stamp.LEAF0.pa().encode(pa));
    }
  }

  /** Maps {@code va..last} as the request in the gather says. */
  void map(long va, long last, TableGather gather) {
    MapRequest request = gather.request();
    try {
      claim(Stamp.ROOT_LEVEL, tree.root(), va, last, request);
    } catch (RuntimeException | Error e) {
      // Also what a plugin's allocator throws.
      try {
        undo(Stamp.ROOT_LEVEL, tree.root(), va, last, gather);
      } catch (RuntimeException undone) {
        e.addSuppressed(undone);
      }
      throw e;
    }
    write(Stamp.ROOT_LEVEL, tree.root(), va, last, request);
  }

  private void claim(int level, TableDescriptor table, long va, long last, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    for (int index = layout.index(va); index <= end; index++) {
      long itemLast = index == end ? last : at | spanMask;
      request.claimedEnd = at;
      claimItem(level, table, index, at, itemLast, request);
      at = itemLast + 1;
    }
  }

  private void claimItem(
      int level, TableDescriptor table, int index, long at, long itemLast, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    while (true) {
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        if ((request.sizes & ((1L << layout.shift()) - 1)) == 0) {
          // No size that may be used is small enough for a lower level.
          throw Checks.inTheWay(layout, at, item);
        }
        TableDescriptor child = tree.child(layout, item);
        if (level == 1) {
          lockFree(child, Stamp.L0.index(at), Stamp.L0.index(itemLast), at, request);
        } else {
          claim(level - 1, child, at, itemLast, request);
        }
        return;
      }
      if (item != layout.emptyItem()) {
        throw Checks.inTheWay(layout, at, item);
      }
      if (isLeaf(layout, at, itemLast, request)) {
        return;
      }
      TableDescriptor hooked = tree.hook(level, table, index);
      if (hooked != null) {
        // A table of level 0 was born locked, and it is EMPTY.
        if (level > 1) {
          claim(level - 1, hooked, at, itemLast, request);
        }
        return;
      }
    }
  }

  private void write(int level, TableDescriptor table, long va, long last, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    if (level == 0) {
      long item = request.items[0] | Stamp.LEAF0.pa().encode(va + request.delta);
      int from = Stamp.L0.index(va);
      int to = Stamp.L0.index(last);
      fill(table, from, to, va, item, request);
      table.unlock(to - from + 1);
      return;
    }
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    for (int index = layout.index(va); index <= end; index++) {
      long itemLast = index == end ? last : at | spanMask;
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        write(level - 1, tree.child(layout, item), at, itemLast, request);
      } else {
        Leaf leaf = layout.leaves().getFirst();
        long word = Tree.lock(table);
        tree.store(
            level, table, index, request.items[level] | leaf.pa().encode(at + request.delta));
        table.unlock(word, 1);
      }
      at = itemLast + 1;
    }
    if (table.isNew()) {
      table.unlock(Tree.lock(table), 0);
    }
  }

  /** Unlocks what a failed claim locked, and takes away the tables that it hooked. */
  private void undo(int level, TableDescriptor table, long va, long last, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    for (int index = layout.index(va); index <= end; index++) {
      long itemLast = index == end ? last : at | spanMask;
      long item = tree.load(table, index);
      int reached = Long.compareUnsigned(at, gather.request().claimedEnd);
      if (reached <= 0 && layout.isTable().passes(item)) {
        TableDescriptor child = tree.child(layout, item);
        if (level > 1 && !child.isNew()) {
          undo(level - 1, child, at, itemLast, gather);
        } else if (level > 1 || (reached < 0 && child.isNew())) {
          tree.detach(level, table, index, index, gather);
        } else if (reached < 0) {
          // The level-0 table at claimedEnd itself was not locked, or was unlocked again.
          child.unlock(0);
        }
      }
      at = itemLast + 1;
    }
  }

  /** Whether leaves of this level may be used at all. */
  private static boolean fits(LevelLayout layout, MapRequest request) {
    return (request.sizes >>> layout.shift() & 1) != 0;
  }

  /** Whether an EMPTY item that translates {@code at..itemLast} of the request becomes a leaf. */
  private static boolean isLeaf(LevelLayout layout, long at, long itemLast, MapRequest request) {
    long spanMask = (1L << layout.shift()) - 1;
    return fits(layout, request)
        && itemLast - at == spanMask
        && ((at | (at + request.delta)) & spanMask) == 0;
  }
}
