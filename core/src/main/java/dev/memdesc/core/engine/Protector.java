package dev.memdesc.core.engine;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Test;
import dev.memdesc.core.space.MapRequest;
import dev.memdesc.core.space.TableGather;

/** Protect: new attributes for the leaves of a range, whose frames and A/D bits they keep. */
final class Protector {
  private final Tree tree;

  Protector(Tree tree) {
    this.tree = tree;
  }

  /** Rewrites the leaves of {@code va..last}; returns the bytes of va they translate. */
  long protect(long va, long last, TableGather gather) {
    long bytes = protect(Stamp.ROOT_LEVEL, tree.root(), va, last, gather.request());
    if (bytes != 0) {
      gather.addRange(va, last);
    }
    return bytes;
  }

  private long protect(int level, TableDescriptor table, long va, long last, MapRequest request) {
    if (table.count() == 0) {
      return 0;
    }
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long bytes = 0;
    long at = va;
    int end = layout.index(last);
    for (int index = layout.index(va); index <= end; index++) {
      long itemLast = index == end ? last : at | spanMask;
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        bytes += protect(level - 1, tree.child(layout, item), at, itemLast, request);
      } else {
        Leaf leaf = layout.leafOf(item);
        if (leaf != null) {
          rewrite(level, table, index, item, request.items[level]);
          bytes += spanMask + 1;
        }
      }
      at = itemLast + 1;
    }
    return bytes;
  }

  private void rewrite(int level, TableDescriptor table, int index, long found, long bits) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long paMask = layout.leaves().getFirst().pa().itemMask();
    if (!Stamp.HARDWARE_CHANGES_LEAVES) {
      tree.store(level, table, index, kept(layout, found, (found & paMask) | bits));
      return;
    }
    long item = found;
    // Hardware may set accessed or dirty between the load and the store: then try again.
    while (!tree.words.compareAndSet(
        table.pa(), index, item, kept(layout, item, (item & paMask) | bits))) {
      item = tree.load(table, index);
    }
  }

  /** The new item with the accessed and dirty states of the old one. */
  private static long kept(LevelLayout layout, long old, long item) {
    return kept(layout.dirty(), old, kept(layout.accessed(), old, item));
  }

  private static long kept(Test state, long old, long item) {
    return state.passes(old) ? (item & ~state.mask()) | state.value() : item;
  }
}
