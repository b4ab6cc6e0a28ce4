package dev.memdesc.core.engine;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.MapRequest;
import dev.memdesc.core.space.TableGather;

/**
 * Unmap. A table whose whole span lies in the range is detached with all that is in it; in any
 * other table the items of the range are set to EMPTY under the table's lock. A table that becomes
 * empty in that way stays hooked, as in Linux.
 */
final class Unmapper {
  /** What {@link #unmapInTable} returns for a range that covers a group in part. */
  static final int CUT = -1;

  private final Tree tree;

  Unmapper(Tree tree) {
    this.tree = tree;
  }

  /**
   * Removes items {@code from..last} of a level-0 table.
   *
   * @return how many were not EMPTY, or {@link #CUT}, and nothing removed, if a group is covered in
   *     part
   */
  int unmapInTable(TableDescriptor table, int from, int last, MapRequest request) {
    long word = Tree.lock(table);
    int count = TableDescriptor.countOf(word);
    int removed = 0;
    if (count != 0) {
      if (Stamp.GROUPS0
          && (Groups.isCut(Stamp.L0, tree.load(table, from), from)
              || Groups.isCut(Stamp.L0, tree.load(table, last), last + 1))) {
        table.unlock(word, 0);
        return CUT;
      }
      removed =
          count == Stamp.L0.items()
              ? last - from + 1
              : tree.words.countEntries(table.pa(), from, last + 1, request.staging);
      if (removed != 0) {
        tree.words.fillEmpty(table.pa(), from, last + 1);
        request.leafSizes |= Stamp.LEAF_SIZES0;
      }
    }
    table.unlock(word, -removed);
    return removed;
  }

  /** Removes the entries of {@code va..last}; returns the bytes of va that had one. */
  long unmap(long va, long last, TableGather gather) {
    tree.enter();
    try {
      return unmapAlone(va, last, gather);
    } finally {
      tree.leave();
    }
  }

  private long unmapAlone(long va, long last, TableGather gather) {
    checkNotCut(va, last);
    int tables = gather.tables();
    long bytes;
    try {
      bytes = unmap(Stamp.ROOT_LEVEL, tree.root(), va, last, gather);
    } catch (RuntimeException | Error e) {
      // An item that leads nowhere, or what a plugin's allocator throws: what was removed before it
      // has to be forgotten all the same.
      gather.addRange(va, last);
      throw e;
    }
    if (bytes != 0 || gather.tables() != tables) {
      gather.addRange(va, last);
    }
    return bytes;
  }

  private long unmap(int level, TableDescriptor table, long va, long last, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    int from = layout.index(va);
    int to = layout.index(last);
    if (level == 0) {
      return (long) unmapInTable(table, from, to, gather.request()) << layout.shift();
    }
    if (table.count() == 0) {
      return 0;
    }
    // The items at both ends may be covered in part, those between them are covered whole.
    long spanMask = (1L << layout.shift()) - 1;
    long bytes = 0;
    boolean partFirst = (va & spanMask) != 0 || (from == to && (~last & spanMask) != 0);
    if (partFirst) {
      long itemLast = from == to ? last : va | spanMask;
      bytes += unmapPart(level, table, from, va, itemLast, gather);
      from++;
    }
    boolean partLast = from <= to && (~last & spanMask) != 0;
    if (partLast) {
      bytes += unmapPart(level, table, to, last & ~spanMask, last, gather);
      to--;
    }
    return from <= to ? bytes + unmapWhole(level, table, from, to, gather) : bytes;
  }

  /** An item that is covered in part: only a TABLE can be, or checkNotCut would have refused. */
  private long unmapPart(
      int level, TableDescriptor table, int index, long va, long last, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long item = tree.load(table, index);
    return layout.isTable().passes(item)
        ? unmap(level - 1, tree.child(layout, item), va, last, gather)
        : 0;
  }

  private long unmapWhole(
      int level, TableDescriptor table, int from, int last, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long bytes = tree.detach(level, table, from, last, gather);
    if (table.count() == 0) {
      return bytes;
    }
    long word = Tree.lock(table);
    int removed = 0;
    for (int index = from; index <= last; index++) {
      // Also an INVALID item: unmap is how to get rid of one.
      if (tree.load(table, index) != layout.emptyItem()) {
        tree.store(level, table, index, layout.emptyItem());
        removed++;
      }
    }
    table.unlock(word, -removed);
    if (removed != 0) {
      gather.request().leafSizes |= Stamp.leafSizes(layout);
    }
    if (level == 1) {
      tree.withdraw(table, removed);
    }
    return bytes + ((long) removed << layout.shift());
  }

  /** Checks that the entries at both ends of {@code va..last}, if any, lie wholly inside it. */
  void checkNotCut(long va, long last) {
    checkNotCut(va, va, last);
    checkNotCut(last, va, last);
  }

  private void checkNotCut(long at, long va, long last) {
    TableDescriptor table = tree.root();
    for (int level = Stamp.ROOT_LEVEL; level >= (Stamp.GROUPS0 ? 0 : 1); level--) {
      LevelLayout layout = Stamp.LEVELS.get(level);
      if (!isInside(Stamp.GROUPS ? layout.largestLg2() : layout.shift(), at, va, last)) {
        return;
      }
      long item = tree.load(table, layout.index(at));
      if (layout.isTable().passes(item)) {
        table = tree.child(layout, item);
        continue;
      }
      Leaf leaf = Stamp.GROUPS ? layout.leafOf(item) : null;
      int sizeLg2 = leaf == null ? layout.shift() : leaf.sizeLg2();
      if (item == layout.emptyItem() || !isInside(sizeLg2, at, va, last)) {
        return;
      }
      throw cuts(layout, item, at, sizeLg2, va, last);
    }
  }

  /** log2 of the bytes of the entry that {@code at} is in; of a frame where there is none. */
  int entryLg2(long at) {
    TableDescriptor table = tree.root();
    LevelLayout layout = Stamp.ROOT;
    long item = tree.load(table, layout.index(at));
    for (int level = Stamp.ROOT_LEVEL; layout.isTable().passes(item); ) {
      table = tree.child(layout, item);
      layout = Stamp.LEVELS.get(--level);
      item = tree.load(table, layout.index(at));
    }
    Leaf leaf = layout.leafOf(item);
    return leaf != null
        ? leaf.sizeLg2()
        : item == layout.emptyItem() ? Stamp.FRAME_LG2 : layout.shift();
  }

  /** Whether the end of a range at {@code at} lies inside a block of 2^sizeLg2 bytes. */
  private static boolean isInside(int sizeLg2, long at, long va, long last) {
    long mask = (1L << sizeLg2) - 1;
    return (at == va && (va & mask) != 0) || (at == last && (~last & mask) != 0);
  }

  /** The error for a range that covers an entry of 2^sizeLg2 bytes, with {@code at}, in part. */
  static PageTableException cuts(
      LevelLayout layout, long item, long at, int sizeLg2, long va, long last) {
    long leafVa = at & -1L << sizeLg2;
    EntryKind kind = layout.kind(item);
    return PageTableException.because(
            Reason.CUTS_LARGE_LEAF, "a range begins and ends at the edges of the leaves in it")
        .hex("va", va)
        .hex("last", last)
        .hex("leafVa", leafVa)
        .hex("leafLast", leafVa + (1L << sizeLg2) - 1)
        .with("found", kind)
        .hint("use the whole leaf, or map it with smaller ones")
        .build();
  }
}
