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
 * <p>{@link Choice} says which leaf goes where. A table without any leaf below it gives way to a
 * larger leaf: between the phases all such tables are detached, and the range is invalidated before
 * the first leaf is stored, because a walk cache may know them.
 */
final class Mapper {
  private final Tree tree;
  private final Choice choice;
  private final Groups groups;

  Mapper(Tree tree) {
    this.tree = tree;
    this.choice = new Choice(tree);
    this.groups = new Groups(tree);
  }

  /** Maps items {@code from..last} of one level-0 table, which begin at {@code va}. */
  void mapInTable(TableDescriptor table, int from, int last, long va, MapRequest request) {
    long word = lockFree(table, from, last, va, request);
    fill(table, from, last, va, request);
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

  private void fill(TableDescriptor table, int from, int last, long va, MapRequest request) {
    if (Stamp.GROUPS0) {
      groups.fill(table, from, last, va, request);
    } else {
      tree.words.fillPages(
          table.pa(), from, last + 1, request.items[0], va + request.delta, request.staging);
    }
  }

  /** Maps {@code va..last} as the request in the gather says. */
  void map(long va, long last, TableGather gather) {
    tree.enter();
    try {
      claimAndWrite(va, last, gather);
    } finally {
      tree.leave();
    }
  }

  private void claimAndWrite(long va, long last, TableGather gather) {
    MapRequest request = gather.request();
    int tables = gather.tables();
    boolean asked = false;
    try {
      request.replaces = false;
      claim(Stamp.ROOT_LEVEL, tree.root(), va, last, request);
      if (request.replaces) {
        request.claimedEnd = last;
        clearWay(Stamp.ROOT_LEVEL, tree.root(), va, last, gather);
        asked = true;
        gather.invalidateNow(va, last);
      }
    } catch (RuntimeException | Error e) {
      // Also what a plugin's allocator throws, and a unit that does not answer.
      try {
        undo(Stamp.ROOT_LEVEL, tree.root(), va, last, gather);
      } catch (RuntimeException | Error undone) {
        e.addSuppressed(undone);
      }
      if (gather.tables() != tables) {
        forget(va, last, !asked, gather, e);
      }
      throw e;
    }
    write(Stamp.ROOT_LEVEL, tree.root(), va, last, gather);
  }

  /** A walk cache may know the tables that a failed map has hooked and taken away again. */
  private static void forget(
      long va, long last, boolean ask, TableGather gather, Throwable failure) {
    try {
      gather.coverNow(va, last, ask);
    } catch (RuntimeException | Error unanswered) {
      failure.addSuppressed(unanswered);
    }
  }

  private void claim(int level, TableDescriptor table, long va, long last, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    int index = layout.index(va);
    while (index <= end) {
      long itemLast = index == end ? last : at | spanMask;
      request.claimedEnd = at;
      int items = claimItem(level, table, index, at, itemLast, last, request);
      index += items;
      at = (at & ~spanMask) + ((long) items << layout.shift());
    }
  }

  /** Claims what the item at {@code index} is for; returns how many items that are. */
  private int claimItem(
      int level,
      TableDescriptor table,
      int index,
      long at,
      long itemLast,
      long last,
      MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    while (true) {
      long item = tree.load(table, index);
      int k =
          Stamp.GROUPS
              ? choice.leaf(level, table, index, at, last, request)
              : choice.single(level, item, at, last, request);
      if (k >= 0) {
        request.replaces |= choice.replacesTables();
        return Stamp.GROUPS ? layout.leaves().get(k).items() : 1;
      }
      if ((request.sizes & ((1L << layout.shift()) - 1)) == 0) {
        // No size that may be used is small enough for a lower level.
        throw inTheWay(level, table, index, at, request);
      }
      if (layout.isTable().passes(item)) {
        TableDescriptor child = tree.child(layout, item);
        if (level == 1) {
          lockFree(child, Stamp.L0.index(at), Stamp.L0.index(itemLast), at, request);
        } else {
          claim(level - 1, child, at, itemLast, request);
        }
        return 1;
      }
      if (item != layout.emptyItem()) {
        throw Checks.inTheWay(layout, at, item);
      }
      TableDescriptor hooked = tree.hook(level, table, index);
      if (hooked != null) {
        // A table of level 0 was born locked, and it is EMPTY.
        if (level > 1) {
          claim(level - 1, hooked, at, itemLast, request);
        }
        return 1;
      }
    }
  }

  /** The error for the first item that is not free where the smallest leaf should go. */
  private RuntimeException inTheWay(
      int level, TableDescriptor table, int from, long va, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    int items = (int) (Long.lowestOneBit(request.sizes) >>> layout.shift());
    int i = 0;
    while (i < items - 1 && choice.isFree(level, table, from + i, 1)) {
      i++;
    }
    return Checks.inTheWay(layout, va + ((long) i << layout.shift()), tree.load(table, from + i));
  }

  /** Detaches the tables that leaves take the place of. */
  private void clearWay(int level, TableDescriptor table, long va, long last, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    int index = layout.index(va);
    while (index <= end) {
      int k = choice.leaf(level, table, index, at, last, gather.request());
      int items = k >= 0 ? layout.leaves().get(k).items() : 1;
      if (k >= 0 && choice.replacesTables()) {
        tree.detach(level, table, index, index + items - 1, gather);
      } else if (k < 0 && level > 1) {
        TableDescriptor child = tree.child(layout, tree.load(table, index));
        clearWay(level - 1, child, at, index == end ? last : at | spanMask, gather);
      }
      index += items;
      at = (at & ~spanMask) + ((long) items << layout.shift());
    }
  }

  private void write(int level, TableDescriptor table, long va, long last, TableGather gather) {
    MapRequest request = gather.request();
    LevelLayout layout = Stamp.LEVELS.get(level);
    if (level == 0) {
      int from = Stamp.L0.index(va);
      int to = Stamp.L0.index(last);
      fill(table, from, to, va, request);
      table.unlock(to - from + 1);
      return;
    }
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    int index = layout.index(va);
    while (index <= end) {
      long item = tree.load(table, index);
      int items = 1;
      if (!Stamp.GROUPS && item == layout.emptyItem()) {
        // What claim left EMPTY becomes a leaf.
        writeLeaf(level, table, index, 0, at, request);
      } else {
        int k =
            Stamp.GROUPS
                ? choice.leaf(level, table, index, at, last, request)
                : choice.single(level, item, at, last, request);
        if (k >= 0) {
          Leaf leaf = layout.leaves().get(k);
          items = leaf.items();
          writeLeaf(level, table, index, k, at, request);
        } else {
          long itemLast = index == end ? last : at | spanMask;
          write(level - 1, tree.child(layout, item), at, itemLast, gather);
        }
      }
      index += items;
      at = (at & ~spanMask) + ((long) items << layout.shift());
    }
    if (table.isNew()) {
      table.unlock(Tree.lock(table), 0);
    }
  }

  /** Stores a leaf above level 0 into items that are EMPTY. */
  private void writeLeaf(
      int level, TableDescriptor table, int index, int k, long at, MapRequest request) {
    long item = Groups.item(level, k, at + request.delta, request);
    long word = Tree.lock(table);
    if (!Stamp.GROUPS) {
      tree.store(level, table, index, item);
      table.unlock(word, 1);
      return;
    }
    Leaf leaf = Stamp.LEVELS.get(level).leaves().get(k);
    groups.fill(level, table, index, leaf, item);
    table.unlock(word, leaf.items());
  }

  /** Unlocks what a failed claim locked, and takes away the tables that it hooked. */
  private void undo(int level, TableDescriptor table, long va, long last, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    int index = layout.index(va);
    while (index <= end && Long.compareUnsigned(at, gather.request().claimedEnd) <= 0) {
      int k = choice.leaf(level, table, index, at, last, gather.request());
      int items = 1;
      if (k >= 0) {
        // Nothing was locked or hooked for a leaf, also where it replaces an empty table.
        items = layout.leaves().get(k).items();
      } else {
        undoItem(level, table, index, at, index == end ? last : at | spanMask, gather);
      }
      index += items;
      at = (at & ~spanMask) + ((long) items << layout.shift());
    }
  }

  private void undoItem(
      int level, TableDescriptor table, int index, long at, long itemLast, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long item = tree.load(table, index);
    if (!layout.isTable().passes(item)) {
      return;
    }
    boolean claimed = at != gather.request().claimedEnd;
    TableDescriptor child = tree.child(layout, item);
    if (level > 1 && !child.isNew()) {
      undo(level - 1, child, at, itemLast, gather);
    } else if (level > 1 || (claimed && child.isNew())) {
      tree.detach(level, table, index, index, gather);
    } else if (claimed) {
      // The level-0 table at claimedEnd itself was not locked, or was unlocked again.
      child.unlock(0);
    }
  }
}
