package dev.memdesc.core.engine;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Mapping;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.TableVisitor;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.LeafRuns;
import org.jspecify.annotations.Nullable;

/** Reading: translate as hardware does, and show what there is. */
final class Walker {
  private final Tree tree;
  private final Groups groups;

  Walker(Tree tree) {
    this.tree = tree;
    this.groups = new Groups(tree);
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
        long mask = (1L << leaf.sizeLg2()) - 1;
        return new Mapping(
            new AddressRange(va & ~mask, va | mask),
            leaf.translate(item, va) & ~mask,
            level,
            attributes(level, table, layout.index(va), leaf, item));
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
    LeafRuns runs = new LeafRuns(visitor);
    visit(Stamp.ROOT_LEVEL, tree.root(), range.start(), range.last(), runs);
    runs.flush();
  }

  private void visit(int level, TableDescriptor table, long va, long last, LeafRuns runs) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long spanMask = (1L << layout.shift()) - 1;
    long at = va;
    int end = layout.index(last);
    int index = layout.index(va);
    while (index <= end) {
      long itemLast = index == end ? last : at | spanMask;
      long item = tree.load(table, index);
      if (layout.isTable().passes(item)) {
        visit(level - 1, tree.child(layout, item), at, itemLast, runs);
      } else if (item != layout.emptyItem()) {
        Leaf leaf = layout.leafOf(item);
        if (leaf != null) {
          long leafLast = at | ((1L << leaf.sizeLg2()) - 1);
          itemLast = Long.compareUnsigned(leafLast, last) < 0 ? leafLast : last;
          Attributes attributes = attributes(level, table, index, leaf, item);
          runs.leaf(at, itemLast, leaf.translate(item, at), leaf.sizeLg2(), attributes);
          index = leaf.first(index) + leaf.items() - 1;
        } else if (layout.empty().passes(item)) {
          runs.soft(at, itemLast, Stamp.FORMAT.codec().decodeSoft(item, level));
        } else {
          throw Checks.invalid(layout, at, item);
        }
      }
      index++;
      at = itemLast + 1;
    }
  }

  private Attributes attributes(int level, TableDescriptor table, int index, Leaf leaf, long item) {
    boolean group = Stamp.GROUPS && leaf.itemsLg2() > 0;
    return Stamp.FORMAT
        .codec()
        .decode(group ? groups.together(level, table, index, leaf, item) : item, level);
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
}
