package dev.memdesc.core.engine;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.descriptor.DescriptorMap;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The way down to one va, as hardware goes it: one step per level with that level's constants. The
 * steps that the format lacks fold away.
 *
 * <p>All that a step needs is in final fields of this object, which the two methods copy to locals;
 * they are small enough to be inlined where the format is known. The acquire fence at the beginning
 * pairs with the release stores of items; the loads below it depend on each other (see {@link
 * Words#loadDependent}).
 */
final class Descent {
  private final long[] heap;
  private final long base;
  private final long firstPa;
  private final long lastWord;
  private final long rootPa;
  private final DescriptorMap descriptors;

  Descent(Tree tree) {
    this.heap = tree.words.heap;
    this.base = tree.words.base;
    this.firstPa = tree.words.firstPa;
    this.lastWord = tree.words.lastWord;
    this.rootPa = tree.root().pa();
    this.descriptors = tree.descriptors;
  }

  /** The pa of {@code va}, or {@link AddressSpace#NOT_MAPPED}. */
  long translate(long va) {
    long[] heap = this.heap;
    long base = this.base;
    long firstPa = this.firstPa;
    long lastWord = this.lastWord;
    long table = rootPa;
    VarHandle.acquireFence();
    if (Stamp.ROOT_LEVEL >= 4) {
      long item = item(heap, base, firstPa, lastWord, Stamp.L4, table, va);
      if (!Stamp.L4.isTable().passes(item)) {
        return leafPa(Stamp.L4, item, va);
      }
      table = Stamp.L4.tablePa().decode(item);
    }
    if (Stamp.ROOT_LEVEL >= 3) {
      long item = item(heap, base, firstPa, lastWord, Stamp.L3, table, va);
      if (!Stamp.L3.isTable().passes(item)) {
        return leafPa(Stamp.L3, item, va);
      }
      table = Stamp.L3.tablePa().decode(item);
    }
    if (Stamp.ROOT_LEVEL >= 2) {
      long item = item(heap, base, firstPa, lastWord, Stamp.L2, table, va);
      if (!Stamp.L2.isTable().passes(item)) {
        return leafPa(Stamp.L2, item, va);
      }
      table = Stamp.L2.tablePa().decode(item);
    }
    if (Stamp.ROOT_LEVEL >= 1) {
      long item = item(heap, base, firstPa, lastWord, Stamp.L1, table, va);
      if (!Stamp.L1.isTable().passes(item)) {
        return leafPa(Stamp.L1, item, va);
      }
      table = Stamp.L1.tablePa().decode(item);
    }
    return leafPa(Stamp.L0, item(heap, base, firstPa, lastWord, Stamp.L0, table, va), va);
  }

  /** The level-0 table that holds the item for {@code va}, or null if there is none. */
  @Nullable TableDescriptor leafTable(long va) {
    long[] heap = this.heap;
    long base = this.base;
    long firstPa = this.firstPa;
    long lastWord = this.lastWord;
    long table = rootPa;
    VarHandle.acquireFence();
    if (Stamp.ROOT_LEVEL >= 4) {
      table = child(heap, base, firstPa, lastWord, Stamp.L4, table, va);
    }
    if (Stamp.ROOT_LEVEL >= 3 && table >= 0) {
      table = child(heap, base, firstPa, lastWord, Stamp.L3, table, va);
    }
    if (Stamp.ROOT_LEVEL >= 2 && table >= 0) {
      table = child(heap, base, firstPa, lastWord, Stamp.L2, table, va);
    }
    if (Stamp.ROOT_LEVEL >= 1 && table >= 0) {
      table = child(heap, base, firstPa, lastWord, Stamp.L1, table, va);
    }
    return table >= 0 && descriptors.get(table) instanceof TableDescriptor found ? found : null;
  }

  /** The pa of the table that the item for {@code va} leads to, or -1: no pa is so wide. */
  private static long child(
      long[] heap,
      long base,
      long firstPa,
      long lastWord,
      LevelLayout layout,
      long table,
      long va) {
    long item = item(heap, base, firstPa, lastWord, layout, table, va);
    return layout.isTable().passes(item) ? layout.tablePa().decode(item) : -1;
  }

  private static long item(
      long[] heap,
      long base,
      long firstPa,
      long lastWord,
      LevelLayout layout,
      long table,
      long va) {
    return Words.loadDependent(heap, base, firstPa, lastWord, table + layout.offset(va));
  }

  private static long leafPa(LevelLayout layout, long item, long va) {
    if (!layout.leaves().isEmpty()) {
      Leaf leaf = layout.leaves().get(0);
      if (leaf.test().passes(item)) {
        return leaf.pa().decode(item) | (va & ((1L << layout.shift()) - 1));
      }
    }
    if (layout.empty().passes(item)) {
      return AddressSpace.NOT_MAPPED;
    }
    throw Checks.invalid(layout, va, item);
  }
}
