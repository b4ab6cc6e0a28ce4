package dev.memdesc.core.engine;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.MapRequest;
import dev.memdesc.core.space.TableGather;

/**
 * Map, in two phases. <b>Claim</b> goes over the range once: it finds every item free and hooks
 * every table that is missing, EMPTY and marked new; no translation is visible. <b>Write</b> goes
 * over it again and stores the leaves; it cannot fail. If claim fails, the tables it hooked, which
 * hold nothing, are taken away again.
 *
 * <p>Both phases choose the same leaf at each step: the largest of the request's sizes that va, pa
 * and the rest of the range allow and whose item is not a TABLE.
 */
final class Mapper {
  private final Tree tree;

  Mapper(Tree tree) {
    this.tree = tree;
  }

  /** Maps {@code va..last} as the request in the gather says. */
  void map(long va, long last, TableGather gather) {
    MapRequest request = gather.request();
    try {
      claim(Stamp.ROOT_LEVEL, tree.root(), va, last, request);
    } catch (PageTableException | Error e) {
      undo(Stamp.ROOT_LEVEL, tree.root(), va, last, gather);
      throw e;
    }
    write(Stamp.ROOT_LEVEL, tree.root(), va, last, request);
  }

  private void claim(int level, TableDescriptor table, long va, long last, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    if (level == 0 && table.count() == 0 && fits(layout, request)) {
      return;
    }
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    for (int index = layout.index(va); index <= end; index++) {
      long itemLast = index == end ? last : at | spanMask;
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        claim(level - 1, tree.child(layout, item), at, itemLast, request);
      } else if (item != layout.emptyItem()) {
        throw layout.empty().passes(item) || layout.leafOf(item) != null
            ? Checks.occupied(layout, at, item)
            : Checks.invalid(layout, at, item);
      } else if (!isLeaf(layout, at, itemLast, request)) {
        if (level == 0) {
          throw Checks.occupied(Stamp.LEVELS.get(1), at, Stamp.LEVELS.get(1).tableItem(table.pa()));
        }
        claim(level - 1, tree.hook(level, table, index), at, itemLast, request);
      }
      at = itemLast + 1;
    }
  }

  private void write(int level, TableDescriptor table, long va, long last, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int leaves = 0;
    int end = layout.index(last);
    for (int index = layout.index(va); index <= end; index++) {
      long itemLast = index == end ? last : at | spanMask;
      if (level > 0) {
        long item = tree.load(table, index);
        if (layout.isTable().passes(item)) {
          write(level - 1, tree.child(layout, item), at, itemLast, request);
          at = itemLast + 1;
          continue;
        }
      }
      Leaf leaf = layout.leaves().getFirst();
      long item = request.items[level] | leaf.pa().encode(at + request.delta);
      tree.store(level, table, index, item);
      leaves++;
      at = itemLast + 1;
    }
    table.addCount(leaves);
    table.setNew(false);
  }

  /** Takes away the tables that the failed claim hooked in the range. */
  private void undo(int level, TableDescriptor table, long va, long last, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    for (int index = layout.index(va); level > 0 && index <= end; index++) {
      long itemLast = index == end ? last : at | spanMask;
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        TableDescriptor child = tree.child(layout, item);
        if (child.isNew()) {
          tree.detach(level, table, index, child, gather);
        } else {
          undo(level - 1, child, at, itemLast, gather);
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
