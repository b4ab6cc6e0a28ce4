package dev.memdesc.core.descriptor;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Hex;
import dev.memdesc.api.descriptor.Descriptor;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.memory.Items;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Checks an address space from outside: the words of its tables against their descriptors and
 * against its counters. It shares no code with the engine, so it can contradict it.
 */
public final class StructureChecker {
  private final TableFormat format;
  private final HardwareMemory memory;
  private final DescriptorMap descriptors;
  private final List<String> violations = new ArrayList<>();
  private final Set<Long> seen = new HashSet<>();
  private final long[] linked;
  private final long[] deposited;

  private StructureChecker(TableFormat format, HardwareMemory memory, DescriptorMap descriptors) {
    this.format = format;
    this.memory = memory;
    this.descriptors = descriptors;
    this.linked = new long[format.levels().size()];
    this.deposited = new long[format.levels().size()];
  }

  /** What is wrong with the tables of {@code space}, one sentence each; empty if nothing is. */
  public static List<String> check(
      AddressSpace space, HardwareMemory memory, DescriptorMap descriptors) {
    StructureChecker checker = new StructureChecker(space.format(), memory, descriptors);
    checker.table(space.format().rootLevel(), space.rootPa());
    for (TableCounts.Level level : space.counts().levels()) {
      checker.equal(level.level(), "linked tables", level.linked(), checker.linked[level.level()]);
      checker.equal(
          level.level(), "deposited tables", level.deposited(), checker.deposited[level.level()]);
    }
    return checker.violations;
  }

  private void table(int level, long pa) {
    LevelLayout layout = format.level(level);
    if (!seen.add(pa)) {
      report(level, pa, "a table is in one item only");
      return;
    }
    linked[level]++;
    TableDescriptor table = descriptors.table(pa);
    if (table == null) {
      Descriptor found = descriptors.get(pa);
      report(level, pa, "a table has a table descriptor, not " + found);
      return;
    }
    if (table.state() != TableState.HOOKED || table.level() != level || table.pa() != pa) {
      report(level, pa, "a linked table is HOOKED at its level: " + table);
    }
    if (table.isLocked()) {
      report(level, pa, "a table is locked only while an operation runs");
    }
    if (table.isNew()) {
      report(level, pa, "a table is new only while a map runs");
    }
    int entries = 0;
    int leaves = 0;
    for (int index = 0; index < layout.items(); index++) {
      long item = item(pa + (long) index * format.itemBytes());
      EntryKind kind = layout.kind(item);
      switch (kind) {
        case EMPTY -> {}
        case TABLE -> {
          entries++;
          table(level - 1, layout.tablePa().decode(item));
        }
        case LEAF -> {
          entries++;
          leaves++;
          group(layout, level, pa, index, item);
        }
        case SOFT -> entries++;
        case INVALID -> report(level, pa, "no item is INVALID: " + Hex.of(item));
      }
      mirror(layout, level, pa, index, item);
    }
    if (entries != table.count()) {
      report(level, pa, "the count is the number of entries, " + entries + ": " + table);
    }
    deposits(table, level, leaves);
  }

  /** An item of a group agrees with the first of the group in all but A/D. */
  private void group(LevelLayout layout, int level, long pa, int index, long item) {
    Leaf leaf = layout.leafOf(item);
    if (leaf == null || leaf.itemsLg2() == 0) {
      return;
    }
    int first = leaf.first(index);
    long states = layout.accessed().mask() | layout.dirty().mask() | layout.softDirty().mask();
    long expected =
        item(pa + (long) first * format.itemBytes()) + (index - first) * leaf.itemStride();
    if (((item ^ expected) & ~states) != 0) {
      report(level, pa, "item " + index + " belongs to the group of item " + first);
    }
  }

  private void mirror(LevelLayout layout, int level, long pa, int index, long item) {
    if (index < layout.mirror().endIndex()) {
      long copy = item(pa + layout.table().bytes() + (long) index * format.itemBytes());
      long expected = copy == layout.emptyItem() ? copy : copy | layout.mirror().added();
      if (item != expected) {
        report(level, pa, "item " + index + " equals its copy " + Hex.of(copy));
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // a descriptor is told apart by identity
  private void deposits(TableDescriptor table, int level, int leaves) {
    int count = 0;
    for (TableDescriptor kept = table.deposited(); kept != null; kept = kept.next()) {
      if (!seen.add(kept.pa())) {
        // Also where the list would go round for ever.
        report(level, table.pa(), "a deposited table is kept once: " + kept);
        break;
      }
      count++;
      if (kept.state() != TableState.DEPOSITED || descriptors.table(kept.pa()) != kept) {
        report(level, table.pa(), "a deposited table is DEPOSITED: " + kept);
      }
      deposited[kept.level()]++;
    }
    if (count > leaves) {
      report(level, table.pa(), "there are at most as many deposits, " + count + ", as leaves");
    }
  }

  private long item(long pa) {
    return Items.load(memory, format, pa);
  }

  private void equal(int level, String what, long counted, long found) {
    if (counted != found) {
      violations.add("%s of level %d: counted=%d, found=%d".formatted(what, level, counted, found));
    }
  }

  private void report(int level, long pa, String rule) {
    violations.add("level %d table %s: %s".formatted(level, Hex.of(pa), rule));
  }
}
