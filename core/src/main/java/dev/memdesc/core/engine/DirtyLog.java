package dev.memdesc.core.engine;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.LeafRuns;
import dev.memdesc.core.space.TableGather;

/**
 * Reads which leaves were written and makes them clean. Dirty of a group is the OR of its items.
 * Hardware may set it in an item while this runs, so items are compared and set, under the table's
 * lock.
 */
final class DirtyLog {
  private final Tree tree;
  private final Groups groups;

  DirtyLog(Tree tree) {
    this.tree = tree;
    this.groups = new Groups(tree);
  }

  /** Shows the dirty leaves that {@code va..last} touches; returns how many bytes they map. */
  long readAndClear(long va, long last, MappingVisitor visitor, TableGather gather) {
    LeafRuns runs = new LeafRuns(visitor);
    try {
      return readAndClear(Stamp.ROOT_LEVEL, tree.root(), va, last, runs, gather);
    } finally {
      // Also what was made clean before an item that is INVALID.
      runs.flush();
    }
  }

  private long readAndClear(
      int level, TableDescriptor table, long va, long last, LeafRuns runs, TableGather gather) {
    if (table.count() == 0) {
      return 0;
    }
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long bytes = 0;
    long at = va;
    int end = layout.index(last);
    int index = layout.index(va);
    while (index <= end) {
      int next = index + 1;
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        long itemLast = index == end ? last : at | spanMask;
        bytes += readAndClear(level - 1, tree.child(layout, item), at, itemLast, runs, gather);
      } else if (item != layout.emptyItem()) {
        Leaf leaf = layout.leafOf(item);
        if (leaf != null) {
          int first = leaf.first(index);
          next = first + leaf.items();
          bytes += leaf(level, table, first, leaf, at & -1L << leaf.sizeLg2(), runs, gather);
        } else if (!layout.empty().passes(item)) {
          throw Checks.invalid(layout, at, item);
        }
      }
      at = (at & ~spanMask) + ((long) (next - index) << layout.shift());
      index = next;
    }
    return bytes;
  }

  /** Reads one leaf, whole; how many bytes of it were written: all or none. */
  private long leaf(
      int level,
      TableDescriptor table,
      int first,
      Leaf leaf,
      long va,
      LeafRuns runs,
      TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long found = groups.together(level, table, first, leaf, tree.load(table, first));
    if (!layout.isDirty(found)) {
      return 0;
    }
    long word = Tree.lock(table);
    long states = 0;
    try {
      // Another writer may have been first.
      if (!leaf.equals(layout.leafOf(tree.load(table, first)))) {
        return 0;
      }
      for (int i = first; i < first + leaf.items(); i++) {
        long was = makeClean(level, table, i, leaf);
        states = i == first ? was : layout.states(was, states);
      }
    } finally {
      table.unlock(word, 0);
    }
    if (!layout.isDirty(states)) {
      return 0;
    }
    long bytes = 1L << leaf.sizeLg2();
    gather.request().leafSizes |= bytes;
    gather.addRange(va, va + (bytes - 1));
    runs.leaf(
        va,
        va + (bytes - 1),
        leaf.translate(states, va),
        leaf.sizeLg2(),
        Stamp.FORMAT.codec().decode(states, level));
    return bytes;
  }

  /** Makes an item clean; returns what it was. */
  private long makeClean(int level, TableDescriptor table, int index, Leaf leaf) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    while (true) {
      long item = tree.load(table, index);
      if (!layout.isDirty(item)
          || tree.words.compareAndSet(table.pa(), index, item, clean(level, layout, leaf, item))) {
        return item;
      }
    }
  }

  /**
   * The item of a leaf that says the same of one that was not written. What a clean leaf looks like
   * depends on its rights: where software notes the first write, it must not be writable.
   */
  private static long clean(int level, LevelLayout layout, Leaf leaf, long item) {
    EntryCodec codec = Stamp.FORMAT.codec();
    Attributes dirty = codec.decode(item, level);
    long from = codec.bits(dirty, level, leaf);
    long to = codec.bits(dirty.without(Access.DIRTY), level, leaf);
    long changes = (from ^ to) | layout.dirty().mask() | layout.softDirty().mask();
    return (item & ~changes) | (to & changes);
  }
}
