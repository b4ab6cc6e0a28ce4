package dev.memdesc.core.engine;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.MapRequest;
import dev.memdesc.core.space.TableGather;

/**
 * Leaves of several items: contiguous groups. A group is written, changed and removed as a whole
 * under its table's lock. Nothing here runs for a format without groups: who calls it asks a
 * constant first.
 */
final class Groups {
  private final Tree tree;

  Groups(Tree tree) {
    this.tree = tree;
  }

  /** Whether an item belongs to a group. */
  static boolean isGroup(LevelLayout layout, long item) {
    Leaf leaf = layout.leafOf(item);
    return leaf != null && leaf.itemsLg2() > 0;
  }

  /** Whether the items of a leaf lie on both sides of an index. */
  static boolean isCut(LevelLayout layout, long item, int edge) {
    Leaf leaf = layout.leafOf(item);
    return leaf != null && (edge & (leaf.items() - 1)) != 0;
  }

  /** The item of a leaf in the request, group or not, for a pa. */
  static long item(int level, int k, long pa, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    Leaf leaf = Stamp.GROUPS ? layout.leaves().get(k) : layout.leaves().getFirst();
    return bits(level, k, request) | leaf.pa().encode(pa);
  }

  /** The same without the pa. */
  static long bits(int level, int k, MapRequest request) {
    return !Stamp.GROUPS || k == 0
        ? request.items[level]
        : request.groups[level * Stamp.MOST_GROUPS + k - 1];
  }

  /** Fills EMPTY items of a locked level-0 table with the largest leaves of the request. */
  void fill(TableDescriptor table, int from, int last, long va, MapRequest request) {
    long vaLast = va + ((long) (last - from) << Stamp.FRAME_LG2) + Stamp.FRAME_MASK;
    int index = from;
    while (index <= last) {
      long at = va + ((long) (index - from) << Stamp.FRAME_LG2);
      long pa = at + request.delta;
      int k = Choice.fitting(Stamp.L0, at, vaLast, request);
      if (k > 0) {
        index += fillGroups(table, index, last, k, pa, request);
      } else {
        int end = Math.min(last + 1, nextGroup(index, request));
        tree.words.fillPages(table.pa(), index, end, request.items[0], pa, request.staging);
        index = end;
      }
    }
  }

  /** Fills one group, or all that follow each other if they are the largest; how many items. */
  private int fillGroups(
      TableDescriptor table, int index, int last, int k, long pa, MapRequest request) {
    Leaf leaf = Stamp.L0.leaves().get(k);
    long item = item(0, k, pa, request);
    int items = leaf.items();
    if (leaf.itemStride() != Stamp.PA_STEP) {
      fill(0, table, index, leaf, item);
      return items;
    }
    int all = k == Stamp.L0.leaves().size() - 1 ? last + 1 - index & -items : items;
    long lastPa = pa + ((long) (all - 1) << Stamp.FRAME_LG2);
    if (((pa ^ lastPa) & Stamp.OTHER_PA) == 0) {
      items = all;
    }
    tree.words.fillLeaves(table.pa(), index, index + items, item, request.staging);
    return items;
  }

  /** Stores all items of one leaf. */
  void fill(int level, TableDescriptor table, int index, Leaf leaf, long item) {
    for (int i = 0; i < leaf.items(); i++) {
      tree.store(level, table, index + i, item + i * leaf.itemStride());
    }
  }

  /** The next index at which a group of the request may begin. */
  private static int nextGroup(int index, MapRequest request) {
    for (int k = 1; k < Stamp.L0.leaves().size(); k++) {
      Leaf leaf = Stamp.L0.leaves().get(k);
      if (Choice.isAllowed(leaf, request) && (request.delta & ((1L << leaf.sizeLg2()) - 1)) == 0) {
        return leaf.first(index) + leaf.items();
      }
    }
    return Integer.MAX_VALUE;
  }

  /**
   * The item at {@code index} with the accessed and dirty states of all items of its leaf: hardware
   * sets them in any of a group's.
   */
  long together(int level, TableDescriptor table, int index, Leaf leaf, long item) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long result = item;
    int first = leaf.first(index);
    for (int i = first; i < first + leaf.items(); i++) {
      result = layout.states(tree.load(table, i), result);
    }
    return result;
  }

  /**
   * Makes all items of a leaf EMPTY, under its table's lock, and waits until nothing has the
   * translation any more: the first half of break-before-make.
   *
   * @param at the leaf's va
   * @return its first item with the states of all
   * @throws dev.memdesc.api.PageTableException if hardware does not answer; the leaf is there again
   */
  long breakLeaf(
      int level, TableDescriptor table, int index, Leaf leaf, long at, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long result = tree.words.exchangeEmpty(table.pa(), index, layout.emptyItem());
    for (int i = index + 1; i < index + leaf.items(); i++) {
      long item = tree.words.exchangeEmpty(table.pa(), i, layout.emptyItem());
      result = layout.states(item, result);
    }
    gather.request().leafSizes |= 1L << leaf.sizeLg2();
    try {
      gather.invalidateNow(at, at + ((1L << leaf.sizeLg2()) - 1));
    } catch (RuntimeException | Error e) {
      fill(level, table, index, leaf, result);
      throw e;
    }
    return result;
  }
}
