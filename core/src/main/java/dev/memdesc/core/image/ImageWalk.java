package dev.memdesc.core.image;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.space.LeafRuns;
import java.util.ArrayList;
import java.util.List;

/**
 * One walk of all saved tables below a root. It ends whatever the bytes are: each table is walked
 * once at each level, and there is a bound on how many.
 *
 * <p>Nothing is believed that an engine may believe of its own tables: that an item leads to a
 * table, that tables are a tree, that the items of a group belong together.
 */
public final class ImageWalk {
  private final ImageTables tables;
  private final TableFormat format;
  private final ImageVisitor visitor;
  private final LeafRuns runs;
  private final long mostTables;
  private final List<LevelCensus> census = new ArrayList<>();
  private final List<PaSet> seen = new ArrayList<>();
  // By level: the table that is being walked, and its items.
  private final long[] path;
  private final long[][] items;
  private long visited;
  private boolean stopped;

  private ImageWalk(ImageTables tables, ImageVisitor visitor, long mostTables) {
    this.tables = tables;
    this.format = tables.format();
    this.visitor = visitor;
    this.runs = new LeafRuns(visitor);
    this.mostTables = mostTables;
    this.path = new long[format.levels().size()];
    this.items = new long[format.levels().size()][];
    for (int level = 0; level < items.length; level++) {
      items[level] = new long[format.level(level).items()];
      census.add(new LevelCensus(level, items[level].length));
      seen.add(new PaSet());
    }
  }

  /**
   * Shows what is mapped, in ascending order of va, and counts.
   *
   * @param mostTables how many tables are walked at most, at least 1
   * @return what was counted, level 0 first
   * @throws PageTableException with {@link Reason#INPUT} if the file cannot be read
   */
  public static List<LevelCensus> of(ImageTables tables, ImageVisitor visitor, long mostTables) {
    ImageWalk walk = new ImageWalk(tables, visitor, mostTables);
    int root = walk.format.rootLevel();
    tables.load(root, tables.rootPa(), walk.items[root]);
    walk.seen.get(root).add(tables.rootPa());
    walk.table(root, tables.rootPa(), 0);
    walk.runs.flush();
    return List.copyOf(walk.census);
  }

  /** Walks the table whose items were loaded. */
  private void table(int level, long pa, long va) {
    visited++;
    path[level] = pa;
    LevelLayout layout = format.level(level);
    int used = 0;
    int index = 0;
    while (index < layout.items()) {
      int count = item(level, layout, index, va | (long) index << layout.shift());
      used += count;
      index += Math.max(1, count);
    }
    census.get(level).addTable(used);
  }

  /** Walks an item; how many were walked that are in use, 0 if it is EMPTY. */
  private int item(int level, LevelLayout layout, int index, long rawVa) {
    long item = items[level][index];
    long va = format.va().extend(rawVa);
    EntryKind kind = layout.kind(item);
    int count = 1;
    switch (kind) {
      case EMPTY -> {
        census.get(level).addItems(kind, 1);
        return 0;
      }
      case TABLE -> child(level, layout, index, rawVa, va);
      case LEAF -> count = leaf(level, layout, index, va);
      case SOFT -> soft(level, layout, item, va);
      case INVALID -> report(Finding.Kind.INVALID_ITEM, level, index, va);
    }
    census.get(level).addItems(kind, count);
    return count;
  }

  private void child(int level, LevelLayout layout, int index, long rawVa, long va) {
    long pa = layout.tablePa().decode(items[level][index]);
    int below = level - 1;
    if (below < 0) {
      report(Finding.Kind.INVALID_ITEM, level, index, va);
    } else if (!tables.isAligned(below, pa)) {
      report(Finding.Kind.TABLE_MISALIGNED, level, index, va);
    } else if (isAbove(level, pa)) {
      report(Finding.Kind.LOOP, level, index, va);
    } else if (seen.get(below).contains(pa)) {
      census.get(below).addShared();
    } else if (visited >= mostTables) {
      // Said once: what follows is no news.
      if (!stopped) {
        report(Finding.Kind.BUDGET, level, index, va);
      }
      stopped = true;
    } else if (!tables.load(below, pa, items[below])) {
      report(Finding.Kind.TABLE_OUTSIDE, level, index, va);
    } else {
      seen.get(below).add(pa);
      table(below, pa, rawVa);
    }
  }

  private boolean isAbove(int level, long pa) {
    for (int above = level; above < path.length; above++) {
      if (path[above] == pa) {
        return true;
      }
    }
    return false;
  }

  /** Shows a leaf; how many of its items are done. */
  private int leaf(int level, LevelLayout layout, int index, long va) {
    long item = items[level][index];
    Leaf leaf = layout.leafOf(item);
    if (leaf == null) {
      throw new AssertionError("a LEAF item has a leaf");
    }
    int count = 1;
    if (leaf.items() > 1) {
      if (index == leaf.first(index) && isWhole(level, layout, leaf, index)) {
        count = leaf.items();
      } else if (isFirstOf(level, layout, leaf, index)) {
        report(Finding.Kind.TORN_GROUP, level, index, va);
      }
    }
    long states = item;
    for (int i = index + 1; i < index + count; i++) {
      states = layout.states(items[level][i], states);
    }
    int sizeLg2 = count == 1 ? layout.shift() : leaf.sizeLg2();
    long last = va | (1L << sizeLg2) - 1;
    try {
      runs.leaf(va, last, leaf.translate(item, va), sizeLg2, format.codec().decode(states, level));
    } catch (PageTableException e) {
      report(Finding.Kind.INVALID_ITEM, level, index, va);
    }
    return count;
  }

  /** Whether the items of a group differ as those of one leaf do, but for hardware's states. */
  private boolean isWhole(int level, LevelLayout layout, Leaf leaf, int first) {
    long states = layout.accessed().mask() | layout.dirty().mask() | layout.softDirty().mask();
    long item = items[level][first];
    if (leaf.itemStride() != 0 && (leaf.pa().decode(item) & (1L << leaf.sizeLg2()) - 1) != 0) {
      return false;
    }
    for (int i = 1; i < leaf.items(); i++) {
      long other = items[level][first + i];
      if (((other ^ (item + i * leaf.itemStride())) & ~states) != 0
          || !leaf.equals(layout.leafOf(other))) {
        return false;
      }
    }
    return true;
  }

  /** Whether no item of the group before this one is of the same leaf. */
  private boolean isFirstOf(int level, LevelLayout layout, Leaf leaf, int index) {
    for (int i = leaf.first(index); i < index; i++) {
      if (leaf.equals(layout.leafOf(items[level][i]))) {
        return false;
      }
    }
    return true;
  }

  private void soft(int level, LevelLayout layout, long item, long va) {
    try {
      long last = va | (1L << layout.shift()) - 1;
      runs.soft(va, last, format.codec().decodeSoft(item, level));
    } catch (PageTableException e) {
      // Another kernel's: it is counted, and only that kernel can read it.
    }
  }

  private void report(Finding.Kind kind, int level, int index, long va) {
    long itemPa = path[level] + (long) index * format.itemBytes();
    visitor.finding(new Finding(kind, level, va, itemPa, items[level][index]));
  }
}
