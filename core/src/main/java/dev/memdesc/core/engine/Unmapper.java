package dev.memdesc.core.engine;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.TableGather;

/**
 * Unmap. A table whose whole span lies in the range is detached with all that is in it; in any
 * other table the items of the range are set to EMPTY one by one. A table that becomes empty in
 * that way stays hooked, as in Linux.
 */
final class Unmapper {
  private final Tree tree;

  Unmapper(Tree tree) {
    this.tree = tree;
  }

  /** Removes the entries of {@code va..last}; returns the bytes of va that had one. */
  long unmap(long va, long last, TableGather gather) {
    checkNotCut(va, va, last);
    checkNotCut(last, va, last);
    long bytes = unmap(Stamp.ROOT_LEVEL, tree.root(), va, last, gather);
    if (bytes != 0 || gather.tables() != 0) {
      gather.addRange(va, last);
    }
    return bytes;
  }

  private long unmap(int level, TableDescriptor table, long va, long last, TableGather gather) {
    if (table.count() == 0) {
      return 0;
    }
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long bytes = 0;
    long at = va;
    int removed = 0;
    int end = layout.index(last);
    for (int index = layout.index(va); index <= end; index++) {
      long itemLast = index == end ? last : at | spanMask;
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        TableDescriptor child = tree.child(layout, item);
        bytes +=
            itemLast - at == spanMask
                ? tree.detach(level, table, index, child, gather)
                : unmap(level - 1, child, at, itemLast, gather);
      } else if (item != layout.emptyItem()) {
        // Also an INVALID item: unmap is how to get rid of one.
        tree.store(level, table, index, layout.emptyItem());
        bytes += spanMask + 1;
        removed++;
      }
      at = itemLast + 1;
    }
    table.addCount(-removed);
    if (level == 1) {
      tree.withdraw(table, removed);
    }
    return bytes;
  }

  /** Checks that the entry at {@code at}, if there is one, lies wholly inside {@code va..last}. */
  void checkNotCut(long at, long va, long last) {
    TableDescriptor table = tree.root();
    for (int level = Stamp.ROOT_LEVEL; level > 0; level--) {
      LevelLayout layout = Stamp.LEVELS.get(level);
      long item = tree.load(table, layout.index(at));
      if (layout.isTable().passes(item)) {
        table = tree.child(layout, item);
        continue;
      }
      long spanMask = (1L << layout.shift()) - 1;
      boolean cut = (at == va && (va & spanMask) != 0) || (at == last && (~last & spanMask) != 0);
      if (cut && item != layout.emptyItem()) {
        throw cuts(layout, item, at & ~spanMask, va, last);
      }
      return;
    }
  }

  private static PageTableException cuts(
      LevelLayout layout, long item, long leafVa, long va, long last) {
    EntryKind kind = layout.kind(item);
    return PageTableException.because(
            Reason.CUTS_LARGE_LEAF, "a range begins and ends at the edges of the leaves in it")
        .hex("va", va)
        .hex("last", last)
        .hex("leafVa", leafVa)
        .hex("leafLast", leafVa + (1L << layout.shift()) - 1)
        .with("found", kind)
        .hint("use the whole leaf, or map it with smaller ones")
        .build();
  }
}
