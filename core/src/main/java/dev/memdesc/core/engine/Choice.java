package dev.memdesc.core.engine;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.MapRequest;

/**
 * Which leaf goes where: the largest of the request's sizes that va, pa and the rest of the range
 * allow and whose items are free. An item is free if it is EMPTY, or if it leads to a table without
 * any leaf below it, which the leaf replaces. Every phase of a map asks here, so all of them choose
 * alike: what a claim hooks is not free, and nothing else changes between the phases.
 */
final class Choice {
  /** No leaf of this level: there is, or has to be, a table. */
  static final int NONE = -1;

  private final Tree tree;
  private boolean replacesTables;

  Choice(Tree tree) {
    this.tree = tree;
  }

  /**
   * The leaf for an item of a table above level 0.
   *
   * @param at the first va of the item that the range covers
   * @param last of the range within the table
   * @return the leaf's index in its level's list, or {@link #NONE}
   */
  int leaf(int level, TableDescriptor table, int index, long at, long last, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    if (!Stamp.GROUPS) {
      return single(level, tree.load(table, index), at, last, request);
    }
    for (int k = fitting(layout, at, last, request); k >= 0; k = smaller(layout, k, request)) {
      if (isFree(level, table, index, layout.leaves().get(k).items())) {
        return k;
      }
    }
    return NONE;
  }

  /** Whether the leaf that was chosen last takes the place of tables. */
  boolean replacesTables() {
    return replacesTables;
  }

  /** The same for an item that was loaded, in a format without groups. */
  int single(int level, long item, long at, long last, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    replacesTables = false;
    return fitsOne(layout, at, last, request)
            && (item == layout.emptyItem() || isVacant(level, layout, item))
        ? 0
        : NONE;
  }

  /** Whether a leaf of one item fits. */
  private static boolean fitsOne(LevelLayout layout, long at, long last, MapRequest request) {
    long spanMask = (1L << layout.shift()) - 1;
    return (request.sizes >>> layout.shift() & 1) != 0
        && Long.compareUnsigned(last - at, spanMask) >= 0
        && ((at | (at + request.delta)) & spanMask) == 0;
  }

  /** The largest leaf of a level that fits, whatever is in its items, or {@link #NONE}. */
  static int fitting(LevelLayout layout, long at, long last, MapRequest request) {
    int k = Stamp.GROUPS ? layout.leaves().size() - 1 : layout.leaves().isEmpty() ? NONE : 0;
    for (; k >= 0; k--) {
      Leaf leaf = layout.leaves().get(k);
      long mask = (1L << leaf.sizeLg2()) - 1;
      if (isAllowed(leaf, request)
          && ((at | (at + request.delta)) & mask) == 0
          && Long.compareUnsigned(last - at, mask) >= 0) {
        return k;
      }
    }
    return NONE;
  }

  /** The next smaller leaf of a level that may be used, which fits where a larger one does. */
  private static int smaller(LevelLayout layout, int than, MapRequest request) {
    int k = than - 1;
    while (k >= 0 && !isAllowed(layout.leaves().get(k), request)) {
      k--;
    }
    return k;
  }

  static boolean isAllowed(Leaf leaf, MapRequest request) {
    return (request.sizes >>> leaf.sizeLg2() & 1) != 0;
  }

  /** Whether all of these items are free. */
  boolean isFree(int level, TableDescriptor table, int from, int items) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    boolean tables = false;
    for (int index = from; index < from + items; index++) {
      if (!isFree(level, layout, table, index)) {
        return false;
      }
      tables |= replacesTables;
    }
    replacesTables = tables;
    return true;
  }

  private boolean isFree(int level, LevelLayout layout, TableDescriptor table, int index) {
    long item = tree.load(table, index);
    if (item == layout.emptyItem()) {
      replacesTables = false;
      return true;
    }
    return isVacant(level, layout, item);
  }

  private boolean isVacant(int level, LevelLayout layout, long item) {
    replacesTables =
        layout.isTable().passes(item) && tree.isVacant(level - 1, tree.child(layout, item));
    return replacesTables;
  }
}
