package dev.memdesc.core.engine;

import dev.memdesc.api.Failures;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.TableGather;
import org.jspecify.annotations.Nullable;

/**
 * Split: a leaf becomes smaller leaves that translate the same, so that a range can end in its
 * middle. A group becomes single items; a leaf of one item becomes a table of the largest leaves of
 * the level below, a deposited table if there is one. All memory is had before the first leaf is
 * touched, so a failure changes nothing. A/D states that hardware sets meanwhile are not lost: the
 * item is exchanged, or compared and set.
 */
final class Splitter {
  private final Tree tree;
  private final Groups groups;

  Splitter(Tree tree) {
    this.tree = tree;
    this.groups = new Groups(tree);
  }

  /** Splits what {@code va..last} covers in part, until leaves end where the range does. */
  void split(long va, long last, TableGather gather) {
    tree.enter();
    Spares spares = new Spares();
    try {
      spares.reserve(va, va, last);
      spares.reserve(last + 1, va, last);
      splitAt(va, spares, gather);
      splitAt(last + 1, spares, gather);
    } finally {
      try {
        spares.giveBack();
      } finally {
        tree.leave();
      }
    }
  }

  private void splitAt(long edge, Spares spares, TableGather gather) {
    TableDescriptor table = tree.root();
    int level = Stamp.ROOT_LEVEL;
    while (true) {
      LevelLayout layout = Stamp.LEVELS.get(level);
      int index = layout.index(edge);
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        table = tree.child(layout, item);
        level--;
        continue;
      }
      Leaf leaf = layout.leafOf(item);
      if (leaf == null || (edge & ((1L << leaf.sizeLg2()) - 1)) == 0) {
        return;
      }
      long leafVa = edge & -1L << leaf.sizeLg2();
      if (leaf.itemsLg2() > 0) {
        splitGroup(level, table, leaf.first(index), leaf, leafVa, gather);
      } else {
        splitLeaf(level, table, index, leaf, leafVa, spares, gather);
      }
      gather.request().leafSizes |= 1L << leaf.sizeLg2();
      gather.addRange(leafVa, leafVa + ((1L << leaf.sizeLg2()) - 1));
    }
  }

  private void splitGroup(
      int level, TableDescriptor table, int first, Leaf group, long va, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long found = tree.load(table, first);
    long pa = group.translate(found, va);
    long bits = bits(level, found, level, 0);
    Leaf single = layout.leaves().getFirst();
    long word = Tree.lock(table);
    try {
      long states = Stamp.BREAKS ? groups.breakLeaf(level, table, first, group, va, gather) : 0;
      for (int i = 0; i < group.items(); i++) {
        long one = bits | single.pa().encode(pa + ((long) i << layout.shift()));
        if (Stamp.BREAKS) {
          tree.store(level, table, first + i, layout.states(states, one));
        } else {
          replace(layout, table, first + i, one);
        }
      }
    } finally {
      table.unlock(word, 0);
    }
  }

  /** Replaces a leaf by another, which gets its states. */
  private void replace(LevelLayout layout, TableDescriptor table, int index, long item) {
    long old;
    do {
      old = tree.load(table, index);
    } while (!tree.words.compareAndSet(table.pa(), index, old, layout.states(old, item)));
  }

  private void splitLeaf(
      int level,
      TableDescriptor table,
      int index,
      Leaf leaf,
      long va,
      Spares spares,
      TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    LevelLayout below = Stamp.LEVELS.get(level - 1);
    int k = below.leaves().size() - 1;
    long found = tree.load(table, index);
    long pa = leaf.translate(found, va);
    long bits = bits(level, found, level - 1, k);
    TableDescriptor kept = level == 1 ? tree.takeDeposit(table) : null;
    TableDescriptor child = kept == null ? spares.take(level - 1) : kept;
    long entry = layout.tableItem(child.pa());
    long word = Tree.lock(table);
    if (Stamp.BREAKS) {
      long old;
      try {
        old = groups.breakLeaf(level, table, index, leaf, va, gather);
      } catch (RuntimeException | Error e) {
        table.unlock(word, 0);
        if (kept == null) {
          tree.giveBack(child);
        } else {
          tree.keep(table, kept);
        }
        throw e;
      }
      fill(level - 1, child, k, states(layout, old, below, bits), pa);
      adopt(level - 1, child);
      tree.store(level, table, index, entry);
    } else {
      long old = found;
      fill(level - 1, child, k, states(layout, old, below, bits), pa);
      adopt(level - 1, child);
      while (!tree.words.compareAndSet(table.pa(), index, old, entry)) {
        old = tree.load(table, index);
        fill(level - 1, child, k, states(layout, old, below, bits), pa);
      }
    }
    table.unlock(word, 0);
  }

  private void adopt(int level, TableDescriptor child) {
    if (child.state() == TableState.DEPOSITED) {
      tree.adoptDeposit(child);
    } else {
      tree.adopt(level, child);
    }
  }

  /** The bits of leaf {@code k} of a level that say what an item of another level says. */
  private static long bits(int fromLevel, long item, int level, int k) {
    Leaf leaf = Stamp.LEVELS.get(level).leaves().get(k);
    return leaf.constant()
        | Stamp.FORMAT.codec().bits(Stamp.FORMAT.codec().decode(item, fromLevel), level, leaf);
  }

  private static long states(LevelLayout from, long old, LevelLayout layout, long item) {
    long result = from.accessed().passes(old) ? layout.accessed().make(item) : item;
    return from.isDirty(old) && !layout.isDirty(result) ? layout.makeDirty(result) : result;
  }

  /** Fills a whole table with leaves {@code k} whose pa ascend; nobody sees it yet. */
  private void fill(int level, TableDescriptor table, int k, long bits, long pa) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    Leaf leaf = layout.leaves().get(k);
    for (int index = 0; index < layout.items(); index += leaf.items()) {
      long at = pa + ((long) index << layout.shift());
      groups.fill(level, table, index, leaf, bits | leaf.pa().encode(at));
    }
  }

  /** Tables for one split, had in advance. */
  private final class Spares {
    private final @Nullable TableDescriptor[] first = new TableDescriptor[Stamp.ROOT_LEVEL + 1];
    // What the edge before this one needs: its address, and a bit per level of item that is split.
    private long otherEdge;
    private int otherLevels;
    private @Nullable TableDescriptor otherDeposit;

    /** Has what a split at an edge needs beyond what is had; refuses what cannot be split. */
    void reserve(long edge, long va, long last) {
      TableDescriptor table = tree.root();
      int level = Stamp.ROOT_LEVEL;
      LevelLayout layout = Stamp.ROOT;
      long item = tree.load(table, layout.index(edge));
      while (layout.isTable().passes(item)) {
        table = tree.child(layout, item);
        layout = Stamp.LEVELS.get(--level);
        item = tree.load(table, layout.index(edge));
      }
      if (item == layout.emptyItem()) {
        return;
      }
      Leaf leaf = layout.leafOf(item);
      if (leaf == null) {
        // Only software knows what a part of a SOFT entry would be.
        if (isCut(layout, edge)) {
          throw Unmapper.cuts(layout, item, edge, layout.shift(), va, last);
        }
        return;
      }
      boolean deposits = level == 1;
      int levels = 0;
      TableDescriptor deposit = null;
      while (level > 0 && isCut(layout, edge)) {
        if (Stamp.LEVELS.get(level - 1).leaves().isEmpty()) {
          throw Unmapper.cuts(layout, item, edge, layout.shift(), va, last);
        }
        boolean shared =
            (otherLevels >>> level & 1) != 0 && (edge ^ otherEdge) >>> layout.shift() == 0;
        TableDescriptor kept = deposits ? table.deposited() : null;
        if (kept != null && kept.equals(otherDeposit)) {
          kept = kept.next();
        }
        if (!shared && kept == null) {
          put(tree.spare(level - 1), level - 1);
        } else if (!shared) {
          deposit = kept;
        }
        levels |= 1 << level;
        layout = Stamp.LEVELS.get(--level);
      }
      otherEdge = edge;
      otherLevels = levels;
      otherDeposit = deposit;
    }

    private static boolean isCut(LevelLayout layout, long edge) {
      return (edge & ((1L << layout.shift()) - 1)) != 0;
    }

    private void put(TableDescriptor table, int level) {
      table.setNext(first[level]);
      first[level] = table;
    }

    TableDescriptor take(int level) {
      TableDescriptor table = first[level];
      if (table == null) {
        throw new AssertionError("no table of level " + level + " was had for a split");
      }
      first[level] = table.next();
      table.setNext(null);
      return table;
    }

    void giveBack() {
      Throwable failure = null;
      for (int level = 0; level < first.length; level++) {
        while (first[level] != null) {
          TableDescriptor spare = take(level);
          try {
            tree.giveBack(spare);
          } catch (RuntimeException | Error e) {
            failure = Failures.join(failure, e);
          }
        }
      }
      Failures.throwIfAny(failure);
    }
  }
}
