package dev.memdesc.core.engine;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableGather;
import org.jspecify.annotations.Nullable;

/**
 * The tables below one root, and the steps that change which tables there are: hook, detach,
 * deposit, withdraw. Every table that is linked or deposited is counted here, and nowhere else.
 */
final class Tree {
  final Words words;
  private final EngineContext context;
  private final DescriptorMap descriptors;
  private final TableDescriptor root;

  Tree(EngineContext context) {
    this.context = context;
    this.words = new Words(context.memory());
    this.descriptors = context.descriptors();
    this.root = context.tableMemory().allocate(context.owner(), Stamp.ROOT_LEVEL, context.node());
    root.become(TableState.ALLOCATED, TableState.HOOKED);
    context.owner().account().addLinked(Stamp.ROOT_LEVEL, 1);
  }

  TableDescriptor root() {
    return root;
  }

  long load(TableDescriptor table, int index) {
    return words.loadAcquire(table.pa(), index);
  }

  /** Stores an item, and its copy where the format keeps one. Does not count. */
  void store(int level, TableDescriptor table, int index, long item) {
    if (index < Stamp.MIRROR_END && level == Stamp.ROOT_LEVEL) {
      LevelLayout layout = Stamp.LEVELS.get(level);
      // Behind the table: the half that user mode walks. It goes first when an entry appears, so
      // the kernel never has a translation that user mode lacks.
      words.storeRelease(table.pa() + layout.table().bytes(), index, item);
      long added = item == layout.emptyItem() ? 0 : layout.mirror().added();
      words.storeRelease(table.pa(), index, item | added);
    } else {
      words.storeRelease(table.pa(), index, item);
    }
  }

  /** The table that a TABLE item leads to. */
  TableDescriptor child(LevelLayout layout, long item) {
    long pa = layout.tablePa().decode(item);
    if (descriptors.get(pa) instanceof TableDescriptor table) {
      return table;
    }
    throw PageTableException.because(
            Reason.INVALID_ENTRY, "a table entry leads to a table that memdesc made")
        .with("level", layout.manualName())
        .hex("item", item)
        .hex("pa", pa)
        .build();
  }

  /** Hooks a new, EMPTY table into an EMPTY item of {@code parent}, whose level is given. */
  TableDescriptor hook(int level, TableDescriptor parent, int index) {
    TableDescriptor table =
        context.tableMemory().allocate(context.owner(), level - 1, context.node());
    table.setNew(true);
    table.become(TableState.ALLOCATED, TableState.HOOKED);
    store(level, parent, index, Stamp.LEVELS.get(level).tableItem(table.pa()));
    parent.addCount(1);
    context.owner().account().addLinked(level - 1, 1);
    return table;
  }

  /**
   * Takes a table with all below it out of its parent's item and into the gather.
   *
   * @param level of the parent
   * @return bytes of va that had an entry
   */
  long detach(
      int level, TableDescriptor parent, int index, TableDescriptor table, TableGather gather) {
    table.become(TableState.HOOKED, TableState.DEAD);
    store(level, parent, index, Stamp.LEVELS.get(level).emptyItem());
    parent.addCount(-1);
    return drop(level - 1, table, gather);
  }

  /** Unhooks the root with all below it. */
  void detachRoot(TableGather gather) {
    root.become(TableState.HOOKED, TableState.DEAD);
    drop(Stamp.ROOT_LEVEL, root, gather);
  }

  /**
   * Gives a DEAD table that is in no item any more, and all below it, to the gather. The items of a
   * dropped table are left as they are; only its count says that it is not empty.
   */
  private long drop(int level, TableDescriptor table, TableGather gather) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    long bytes = 0;
    int children = 0;
    if (level > 0 && table.count() > 0) {
      for (int index = 0; index < layout.items(); index++) {
        long item = load(table, index);
        if (layout.isTable().passes(item)) {
          TableDescriptor child = child(layout, item);
          child.become(TableState.HOOKED, TableState.DEAD);
          bytes += drop(level - 1, child, gather);
          children++;
        }
      }
    }
    bytes += (long) (table.count() - children) << layout.shift();
    withdraw(table, Integer.MAX_VALUE);
    gather.addTable(table);
    context.owner().account().addLinked(level, -1);
    return bytes;
  }

  /** Keeps a table with the large leaves of {@code table}. */
  void deposit(TableDescriptor table) {
    TableDescriptor kept = context.tableMemory().allocate(context.owner(), 0, context.node());
    kept.become(TableState.ALLOCATED, TableState.DEPOSITED);
    kept.setNext(table.deposited());
    table.setDeposited(kept);
    context.owner().account().addDeposited(0, 1);
  }

  /** Frees up to {@code most} of the tables kept with {@code table}: nothing ever walked them. */
  void withdraw(TableDescriptor table, int most) {
    for (int i = 0; i < most; i++) {
      @Nullable TableDescriptor kept = table.deposited();
      if (kept == null) {
        return;
      }
      table.setDeposited(kept.next());
      kept.setNext(null);
      context.owner().account().addDeposited(0, -1);
      context.tableMemory().free(kept);
    }
  }
}
