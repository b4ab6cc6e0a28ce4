package dev.memdesc.core.engine;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.descriptor.Descriptor;
import dev.memdesc.api.descriptor.FragmentPage;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.space.TableEngine;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The way down to one va, as hardware goes it: one step per level with that level's constants. The
 * steps that the format lacks fold away.
 *
 * <p>All that a step needs is in final fields of this object, which the two methods copy to locals;
 * they are small enough to be inlined where the format is known. A table is known by its offset in
 * memory, so one comparison a level is all that is left of checks. The acquire fence at the
 * beginning pairs with the release stores of items; the loads below it depend on each other (see
 * {@link Words#loadDependent}).
 */
abstract class Descent extends TableEngine {
  final Tree tree;
  private final Words words;
  private final long address;
  private final long firstPa;
  private final long lastWord;
  private final long rootAddress;
  private final @Nullable Descriptor[][] descriptors;

  Descent(Tree tree) {
    this.tree = tree;
    this.words = tree.words;
    this.address = words.address;
    this.firstPa = words.firstPa;
    this.lastWord = words.lastWord;
    this.rootAddress = address + (tree.root().pa() - firstPa);
    this.descriptors = tree.descriptors.sections();
  }

  /** The pa of {@code va}, or {@link AddressSpace#NOT_MAPPED}. */
  final long walk(long va) {
    long address = this.address & Words.ADDRESS_MASK;
    long firstPa = this.firstPa;
    long lastWord = this.lastWord;
    VarHandle.acquireFence();
    long item = load((rootAddress & Words.ADDRESS_MASK) + Stamp.ROOT.offset(va));
    if (Stamp.ROOT_LEVEL >= 4) {
      if (!Stamp.L4.isTable().passes(item)) {
        return leafPa(Stamp.L4, item, va);
      }
      long table = offset(Stamp.L4, item, firstPa);
      item = item(address, lastWord, Stamp.L3, table, va);
    }
    if (Stamp.ROOT_LEVEL >= 3) {
      if (!Stamp.L3.isTable().passes(item)) {
        return leafPa(Stamp.L3, item, va);
      }
      long table = offset(Stamp.L3, item, firstPa);
      item = item(address, lastWord, Stamp.L2, table, va);
    }
    if (Stamp.ROOT_LEVEL >= 2) {
      if (!Stamp.L2.isTable().passes(item)) {
        return leafPa(Stamp.L2, item, va);
      }
      long table = offset(Stamp.L2, item, firstPa);
      item = item(address, lastWord, Stamp.L1, table, va);
    }
    if (Stamp.ROOT_LEVEL >= 1) {
      if (!Stamp.L1.isTable().passes(item)) {
        return leafPa(Stamp.L1, item, va);
      }
      long table = offset(Stamp.L1, item, firstPa);
      item = item(address, lastWord, Stamp.L0, table, va);
    }
    return leafPa(Stamp.L0, item, va);
  }

  /**
   * The offset in memory of the level-0 table that holds the item for {@code va}, or -1 if there is
   * none.
   */
  final long leafTable(long va) {
    if (Stamp.ROOT_LEVEL == 0) {
      return rootAddress - address;
    }
    long address = this.address & Words.ADDRESS_MASK;
    long firstPa = this.firstPa;
    long lastWord = this.lastWord;
    VarHandle.acquireFence();
    long item = load((rootAddress & Words.ADDRESS_MASK) + Stamp.ROOT.offset(va));
    if (Stamp.ROOT_LEVEL >= 4) {
      if (!Stamp.L4.isTable().passes(item)) {
        return -1;
      }
      long table = offset(Stamp.L4, item, firstPa);
      item = item(address, lastWord, Stamp.L3, table, va);
    }
    if (Stamp.ROOT_LEVEL >= 3) {
      if (!Stamp.L3.isTable().passes(item)) {
        return -1;
      }
      long table = offset(Stamp.L3, item, firstPa);
      item = item(address, lastWord, Stamp.L2, table, va);
    }
    if (Stamp.ROOT_LEVEL >= 2) {
      if (!Stamp.L2.isTable().passes(item)) {
        return -1;
      }
      long table = offset(Stamp.L2, item, firstPa);
      item = item(address, lastWord, Stamp.L1, table, va);
    }
    return Stamp.L1.isTable().passes(item) ? offset(Stamp.L1, item, firstPa) : -1;
  }

  /** The descriptor of a table that {@link #leafTable} found, or null if it leads nowhere. */
  final @Nullable TableDescriptor descriptor(long table) {
    // Unsigned: -1 is outside too.
    if (Stamp.FAR_TABLES && Long.compareUnsigned(table, lastWord) > 0) {
      return null;
    }
    Descriptor descriptor = DescriptorMap.at(descriptors, table, Stamp.MEMORY_FRAME_LG2);
    if (descriptor instanceof TableDescriptor found) {
      return found;
    }
    return Stamp.FRAGMENTS0 && descriptor instanceof FragmentPage page
        ? page.table(table + firstPa, Stamp.L0.table().bytes())
        : null;
  }

  /** The address of an item of a table that lies in memory. */
  final long addressOf(long table, LevelLayout layout, long va) {
    return (address + table + layout.offset(va)) & Words.ADDRESS_MASK;
  }

  /** The offset in memory of the table that an item leads to. */
  private static long offset(LevelLayout layout, long item, long firstPa) {
    return Words.offset(layout.tablePa().decode(item), firstPa);
  }

  private long item(long address, long lastWord, LevelLayout layout, long table, long va) {
    long offset = table + layout.offset(va);
    if (offset > lastWord) {
      throw Checks.outside(firstPa + offset, firstPa, lastWord);
    }
    return load(address + offset);
  }

  /** The item at an address that lies in memory. */
  final long load(long at) {
    return Stamp.ON_HEAP ? words.loadHeap(at) : Words.loadDependent(at);
  }

  /** Stores an item at an address that lies in memory. */
  final void publish(long at, long item) {
    if (Stamp.ON_HEAP) {
      words.publishHeap(at, item);
    } else {
      Words.publish(at, item);
    }
  }

  private static long leafPa(LevelLayout layout, long item, long va) {
    if (!layout.leaves().isEmpty()) {
      Leaf leaf = layout.leaves().get(0);
      // The second half is a constant, true of all formats whose leaves have a bit of their own.
      if (leaf.test().passes(item)
          && (!leaf.test().passes(layout.emptyItem()) || item != layout.emptyItem())) {
        return leaf.pa().decode(item) | (va & ((1L << layout.shift()) - 1));
      }
      if (Stamp.GROUPS && layout.leaves().size() > 1) {
        Leaf group = layout.leafOf(item);
        if (group != null) {
          return group.translate(item, va);
        }
      }
    }
    if (layout.empty().passes(item)) {
      return AddressSpace.NOT_MAPPED;
    }
    throw Checks.invalid(layout, va, item);
  }
}
