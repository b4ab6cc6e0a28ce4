package dev.memdesc.core.engine;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.TableGather;

/**
 * Protect: new attributes for the leaves of a range, whose frames and A/D bits they keep. A leaf is
 * changed in place, item by item; where the format asks for break-before-make, all its items are
 * EMPTY until an invalidation is complete.
 */
final class Protector {
  private final Tree tree;
  private final Groups groups;

  Protector(Tree tree) {
    this.tree = tree;
    this.groups = new Groups(tree);
  }

  /** Rewrites the leaves of {@code va..last}; returns the bytes of va they translate. */
  long protect(long va, long last, TableGather gather) {
    long bytes;
    try {
      bytes = protect(Stamp.ROOT_LEVEL, tree.root(), va, last, gather);
    } catch (RuntimeException | Error e) {
      // The leaves before the one that could not be changed are other ones already.
      gather.addRange(va, last);
      throw e;
    }
    if (bytes != 0) {
      gather.addRange(va, last);
    }
    return bytes;
  }

  private long protect(int level, TableDescriptor table, long va, long last, TableGather gather) {
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
      int items = 1;
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        long itemLast = index == end ? last : at | spanMask;
        bytes += protect(level - 1, tree.child(layout, item), at, itemLast, gather);
      } else {
        Leaf leaf = layout.leafOf(item);
        if (leaf != null) {
          rewrite(level, table, index, leaf, item, at, gather);
          items = leaf.items();
          bytes += (long) items << layout.shift();
        }
      }
      index += items;
      at = (at & ~spanMask) + ((long) items << layout.shift());
    }
    return bytes;
  }

  /** Rewrites a leaf that lies wholly in the range; {@code found} is its first item. */
  private void rewrite(
      int level,
      TableDescriptor table,
      int index,
      Leaf leaf,
      long found,
      long at,
      TableGather gather) {
    int k = Stamp.GROUPS ? Stamp.LEVELS.get(level).leaves().indexOf(leaf) : 0;
    long bits = Groups.bits(level, k, gather.request());
    long paMask = leaf.pa().itemMask();
    gather.request().leafSizes |= 1L << leaf.sizeLg2();
    if (Stamp.BREAKS && ((found ^ bits) & Stamp.FORMAT.breakBits() & ~paMask) != 0) {
      long word = Tree.lock(table);
      try {
        long states = groups.breakLeaf(level, table, index, leaf, at, gather);
        LevelLayout layout = Stamp.LEVELS.get(level);
        groups.fill(level, table, index, leaf, layout.states(states, (found & paMask) | bits));
      } finally {
        table.unlock(word, 0);
      }
      return;
    }
    for (int i = index; i < index + leaf.items(); i++) {
      rewrite(level, table, i, i == index ? found : tree.load(table, i), paMask, bits);
    }
  }

  private void rewrite(
      int level, TableDescriptor table, int index, long found, long paMask, long bits) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    if (!Stamp.HARDWARE_CHANGES_LEAVES) {
      tree.store(level, table, index, layout.states(found, (found & paMask) | bits));
      return;
    }
    long item = found;
    // Hardware may set accessed or dirty between the load and the store: then try again.
    while (!tree.words.compareAndSet(
        table.pa(), index, item, layout.states(item, (item & paMask) | bits))) {
      item = tree.load(table, index);
    }
  }
}
