package dev.memdesc.core.engine;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Mapping;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.TableVisitor;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Reading: translate as hardware does, and show what there is. */
final class Walker {
  private final Tree tree;

  Walker(Tree tree) {
    this.tree = tree;
  }

  /** The pa of {@code va}, or {@link AddressSpace#NOT_MAPPED}. */
  long translate(long va) {
    Words words = tree.words;
    long[] heap = words.heap;
    long base = words.base;
    long firstPa = words.firstPa;
    long lastWord = words.lastWord;
    long table = tree.rootPa();
    // Pairs with the release stores of items: what a walk reads below this was stored whole.
    VarHandle.acquireFence();
    for (int level = Stamp.ROOT_LEVEL; level > 4; level--) {
      LevelLayout layout = Stamp.LEVELS.get(level);
      long item = Words.loadDependent(heap, base, firstPa, lastWord, table, layout.index(va));
      if (!layout.isTable().passes(item)) {
        return leafPa(layout, item, va);
      }
      table = layout.tablePa().decode(item);
    }
    // One step per level with that level's constants; steps that the format lacks fold away.
    if (Stamp.ROOT_LEVEL >= 4) {
      long item = Words.loadDependent(heap, base, firstPa, lastWord, table, Stamp.L4.index(va));
      if (!Stamp.L4.isTable().passes(item)) {
        return leafPa(Stamp.L4, item, va);
      }
      table = Stamp.L4.tablePa().decode(item);
    }
    if (Stamp.ROOT_LEVEL >= 3) {
      long item = Words.loadDependent(heap, base, firstPa, lastWord, table, Stamp.L3.index(va));
      if (!Stamp.L3.isTable().passes(item)) {
        return leafPa(Stamp.L3, item, va);
      }
      table = Stamp.L3.tablePa().decode(item);
    }
    if (Stamp.ROOT_LEVEL >= 2) {
      long item = Words.loadDependent(heap, base, firstPa, lastWord, table, Stamp.L2.index(va));
      if (!Stamp.L2.isTable().passes(item)) {
        return leafPa(Stamp.L2, item, va);
      }
      table = Stamp.L2.tablePa().decode(item);
    }
    if (Stamp.ROOT_LEVEL >= 1) {
      long item = Words.loadDependent(heap, base, firstPa, lastWord, table, Stamp.L1.index(va));
      if (!Stamp.L1.isTable().passes(item)) {
        return leafPa(Stamp.L1, item, va);
      }
      table = Stamp.L1.tablePa().decode(item);
    }
    return leafPa(
        Stamp.L0,
        Words.loadDependent(heap, base, firstPa, lastWord, table, Stamp.L0.index(va)),
        va);
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

  /** The leaf that translates {@code va}, or null. */
  @Nullable Mapping lookup(long va) {
    TableDescriptor table = tree.root();
    for (int level = Stamp.ROOT_LEVEL; level >= 0; level--) {
      LevelLayout layout = Stamp.LEVELS.get(level);
      long item = tree.load(table, layout.index(va));
      if (layout.isTable().passes(item)) {
        table = tree.child(layout, item);
        continue;
      }
      Leaf leaf = layout.leafOf(item);
      if (leaf != null) {
        long spanMask = (1L << layout.shift()) - 1;
        return new Mapping(
            new AddressRange(va & ~spanMask, va | spanMask),
            leaf.pa().decode(item),
            level,
            Stamp.FORMAT.codec().decode(item, level));
      }
      if (layout.empty().passes(item)) {
        return null;
      }
      throw Checks.invalid(layout, va, item);
    }
    throw new AssertionError("level 0 has no tables");
  }

  /** Shows the leaves and SOFT entries of a range, leaves in runs. */
  void visit(AddressRange range, MappingVisitor visitor) {
    Run run = new Run(visitor);
    visit(Stamp.ROOT_LEVEL, tree.root(), range.start(), range.last(), run);
    run.flush();
  }

  private void visit(int level, TableDescriptor table, long va, long last, Run run) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    for (int index = layout.index(va); index <= end; index++) {
      long itemLast = index == end ? last : at | spanMask;
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        visit(level - 1, tree.child(layout, item), at, itemLast, run);
      } else if (item != layout.emptyItem()) {
        Leaf leaf = layout.leafOf(item);
        if (leaf != null) {
          run.leaf(
              at,
              itemLast,
              leaf.pa().decode(item) | (at & spanMask),
              layout.shift(),
              Stamp.FORMAT.codec().decode(item, level));
        } else if (layout.empty().passes(item)) {
          run.soft(at, itemLast, Stamp.FORMAT.codec().decodeSoft(item, level));
        } else {
          throw Checks.invalid(layout, at, item);
        }
      }
      at = itemLast + 1;
    }
  }

  /** Shows every linked table. */
  void visitTables(TableVisitor visitor) {
    visitTables(Stamp.ROOT_LEVEL, tree.root(), 0, visitor);
  }

  private void visitTables(int level, TableDescriptor table, long va, TableVisitor visitor) {
    visitor.table(level, Stamp.FORMAT.va().extend(va), table);
    LevelLayout layout = Stamp.LEVELS.get(level);
    for (int index = 0; level > 0 && table.count() > 0 && index < layout.items(); index++) {
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        long childVa = va | (long) index << layout.shift();
        visitTables(level - 1, tree.child(layout, item), childVa, visitor);
      }
    }
  }

  /** Joins leaves that follow each other into one call of the visitor. */
  private static final class Run {
    private final MappingVisitor visitor;
    private @Nullable Attributes attributes;
    private long va;
    private long last;
    private long pa;
    private int sizeLg2;

    Run(MappingVisitor visitor) {
      this.visitor = visitor;
    }

    void leaf(long leafVa, long leafLast, long leafPa, int leafSizeLg2, Attributes leafAttributes) {
      boolean joins =
          attributes != null
              && leafVa == last + 1
              && leafPa == pa + (leafVa - va)
              && leafSizeLg2 == sizeLg2
              && leafAttributes.equals(attributes);
      if (!joins) {
        flush();
        va = leafVa;
        pa = leafPa;
        sizeLg2 = leafSizeLg2;
        attributes = leafAttributes;
      }
      last = leafLast;
    }

    void soft(long softVa, long softLast, SoftEntry entry) {
      flush();
      visitor.soft(new AddressRange(softVa, softLast), entry);
    }

    void flush() {
      if (attributes != null) {
        visitor.leaves(new AddressRange(va, last), pa, sizeLg2, attributes);
        attributes = null;
      }
    }
  }
}
