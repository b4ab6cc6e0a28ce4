package dev.memdesc.core.engine;

import dev.memdesc.api.Failures;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableGather;
import dev.memdesc.core.stamp.MemoryCounts;
import org.jspecify.annotations.Nullable;

/**
 * The tables below one root, and the steps that change which tables there are: hook, detach,
 * deposit, withdraw. Every table that is linked or deposited is counted here, and nowhere else.
 */
final class Tree {
  final Words words;
  private final EngineContext context;
  final DescriptorMap descriptors;
  private final TableDescriptor root;

  Tree(EngineContext context) {
    this.context = context;
    this.words = new Words(context.memory());
    this.descriptors = context.descriptors();
    this.root = context.tableMemory().allocate(context.owner(), Stamp.ROOT_LEVEL, context.node());
    root.beHooked(false);
    TableDescriptor old = context.grownFrom();
    if (old != null) {
      // Nobody sees the new root yet; the old one stays what it is and becomes its first item.
      old.become(TableState.HOOKED, TableState.HOOKED);
      store(Stamp.ROOT_LEVEL, root, 0, Stamp.ROOT.tableItem(old.pa()));
    }
    root.unlock(old == null ? 0 : 1);
    context.owner().account().addLinked(Stamp.ROOT_LEVEL, 1);
  }

  TableDescriptor root() {
    return root;
  }

  /**
   * The calling thread alone changes which tables there are, until {@link #leave}.
   *
   * @throws PageTableException with {@link dev.memdesc.api.Reason#ILLEGAL_STATE} if another one
   *     does
   */
  void enter() {
    context.writer().enter(context.owner());
  }

  void leave() {
    context.writer().leave();
  }

  long load(TableDescriptor table, int index) {
    return words.loadAcquire(table.pa(), index);
  }

  /** The first item of a table of this level that is not kept twice. */
  private static int mirrorEnd(int level) {
    return level == Stamp.ROOT_LEVEL ? Stamp.MIRROR_END : 0;
  }

  /** Stores an item, and its copy where the format keeps one. Does not count. */
  void store(int level, TableDescriptor table, int index, long item) {
    if (index < mirrorEnd(level)) {
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
    TableDescriptor table = descriptors.table(pa);
    if (table != null) {
      return table;
    }
    throw PageTableException.because(
            Reason.INVALID_ENTRY, "a table entry leads to a table that memdesc made")
        .with("level", layout.manualName())
        .hex("item", item)
        .hex("pa", pa)
        .build();
  }

  /** Locks a table; see {@link TableDescriptor#lockHooked}. */
  static long lock(TableDescriptor table) {
    if (Stamp.COUNTING) {
      MemoryCounts.atomic();
    }
    return table.lockHooked();
  }

  /**
   * Hooks a new, EMPTY table into an item of {@code parent} that was EMPTY, under the parent's
   * lock. A table of level 0 is born locked.
   *
   * @param level of the parent
   * @return the table, or null if another thread was faster and the item has to be read again
   */
  @Nullable TableDescriptor hook(int level, TableDescriptor parent, int index) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    TableDescriptor table =
        context.tableMemory().allocate(context.owner(), level - 1, context.node());
    long word = lock(parent);
    if (load(parent, index) != layout.emptyItem()) {
      parent.unlockNew(word, 0);
      context.tableMemory().free(table);
      return null;
    }
    table.beHooked(level == 1);
    store(level, parent, index, layout.tableItem(table.pa()));
    parent.unlockNew(word, 1);
    context.owner().account().addLinked(level - 1, 1);
    return table;
  }

  /**
   * Takes the tables of items {@code from..last} with all below them out of their parent and into
   * the gather: first every one becomes DEAD, then their items EMPTY, then they are handed over.
   * Items that are no TABLE are left alone.
   *
   * @param level of the parent
   * @return bytes of va that had an entry
   */
  long detach(int level, TableDescriptor parent, int from, int last, TableGather gather) {
    // Leaf tables are most of what is ever detached: their level's constants are worth a copy.
    return level == 1
        ? detach(1, Stamp.L1, parent, from, last, gather)
        : detach(level, Stamp.LEVELS.get(level), parent, from, last, gather);
  }

  private long detach(
      int level,
      LevelLayout layout,
      TableDescriptor parent,
      int from,
      int last,
      TableGather gather) {
    TableDescriptor dead = null;
    int tables = 0;
    // All are found before the first is killed: an item that leads nowhere changes nothing.
    for (int index = from; index <= last; index++) {
      long item = load(parent, index);
      if (layout.isTable().passes(item)) {
        TableDescriptor table = child(layout, item);
        table.setNext(dead);
        dead = table;
        tables++;
      }
    }
    if (tables == 0) {
      return 0;
    }
    for (TableDescriptor table = dead; table != null; table = table.next()) {
      kill(table);
    }
    long word = lock(parent);
    boolean bulk =
        layout.emptyItem() == Stamp.L0.emptyItem()
            && layout.items() <= Stamp.L0.items()
            && from >= mirrorEnd(level);
    if (bulk && tables == last - from + 1) {
      words.fillEmpty(parent.pa(), from, last + 1);
    } else {
      for (int index = from; index <= last; index++) {
        if (layout.isTable().passes(load(parent, index))) {
          store(level, parent, index, layout.emptyItem());
        }
      }
    }
    parent.unlockNew(word, -tables);
    long bytes = 0;
    gather.request().leafSizes |= Stamp.LEAF_SIZES0;
    while (dead != null) {
      TableDescriptor table = dead;
      dead = table.next();
      if (level == 1) {
        bytes += (long) table.count() << Stamp.FRAME_LG2;
        gather.addTable(table);
      } else {
        bytes += drop(level - 1, table, gather);
      }
    }
    context.owner().account().addLinked(level - 1, -tables);
    gather.request().throwFailure();
    return bytes;
  }

  /** Whether no leaf and no other entry than TABLE is in a table or below it. */
  boolean isVacant(int level, TableDescriptor table) {
    if (table.count() == 0) {
      return true;
    }
    LevelLayout layout = Stamp.LEVELS.get(level);
    for (int index = 0; level > 0 && index < layout.items(); index++) {
      long item = load(table, index);
      if (layout.isTable().passes(item)) {
        if (!isVacant(level - 1, child(layout, item))) {
          return false;
        }
      } else if (item != layout.emptyItem()) {
        return false;
      }
    }
    return level > 0;
  }

  private void kill(TableDescriptor table) {
    if (Stamp.COUNTING) {
      MemoryCounts.atomic();
    }
    table.kill();
  }

  /** Unhooks the root with all below it. */
  void detachRoot(TableGather gather) {
    kill(root);
    drop(Stamp.ROOT_LEVEL, root, gather);
    context.owner().account().addLinked(Stamp.ROOT_LEVEL, -1);
    gather.request().throwFailure();
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
        // An item that leads nowhere is dropped with its table, like one that is INVALID.
        TableDescriptor child =
            layout.isTable().passes(item) ? descriptors.table(layout.tablePa().decode(item)) : null;
        if (child != null) {
          kill(child);
          bytes += drop(level - 1, child, gather);
          children++;
        }
      }
    }
    if (table.count() > children) {
      bytes += (long) (table.count() - children) << layout.shift();
      gather.request().leafSizes |= Stamp.leafSizes(layout);
    }
    if (level == 1) {
      try {
        withdraw(table, Integer.MAX_VALUE);
      } catch (RuntimeException | Error e) {
        // The tables that are dropped with this one are not lost for it.
        gather.request().addFailure(e);
      }
    }
    if (children > 0) {
      context.owner().account().addLinked(level - 1, -children);
    }
    gather.addTable(table);
    return bytes;
  }

  /** A table that is seen by nobody yet, for {@link #adopt}; or else to be given back. */
  TableDescriptor spare(int level) {
    return context.tableMemory().allocate(context.owner(), level, context.node());
  }

  /** Gives a spare table back. */
  void giveBack(TableDescriptor spare) {
    context.tableMemory().free(spare);
  }

  /** Makes a spare table, which the caller has filled, ready to be hooked. */
  void adopt(int level, TableDescriptor spare) {
    spare.beHooked(false);
    spare.unlock(Stamp.LEVELS.get(level).items());
    context.owner().account().addLinked(level, 1);
  }

  /** Takes a table that is kept with {@code table} and makes it a spare one; null if none is. */
  @Nullable TableDescriptor takeDeposit(TableDescriptor table) {
    TableDescriptor kept = table.deposited();
    if (kept != null) {
      table.setDeposited(kept.next());
      kept.setNext(null);
      context.owner().account().addDeposited(0, -1);
    }
    return kept;
  }

  /** Makes a deposited table, which the caller has filled, ready to be hooked. */
  void adoptDeposit(TableDescriptor kept) {
    kept.become(TableState.DEPOSITED, TableState.HOOKED);
    kept.unlock(kept.lock(), Stamp.L0.items());
    context.owner().account().addLinked(0, 1);
  }

  /** Keeps a table with the large leaves of {@code table}. */
  void deposit(TableDescriptor table) {
    TableDescriptor kept = context.tableMemory().allocate(context.owner(), 0, context.node());
    kept.becomeAlone(TableState.ALLOCATED, TableState.DEPOSITED);
    keep(table, kept);
  }

  /** Puts a DEPOSITED table with those of {@code table}. */
  void keep(TableDescriptor table, TableDescriptor kept) {
    kept.setNext(table.deposited());
    table.setDeposited(kept);
    context.owner().account().addDeposited(0, 1);
  }

  /** Frees up to {@code most} of the tables kept with {@code table}: nothing ever walked them. */
  void withdraw(TableDescriptor table, int most) {
    Throwable failure = null;
    for (int i = 0; i < most; i++) {
      @Nullable TableDescriptor kept = table.deposited();
      if (kept == null) {
        break;
      }
      table.setDeposited(kept.next());
      kept.setNext(null);
      context.owner().account().addDeposited(0, -1);
      try {
        context.tableMemory().free(kept);
      } catch (RuntimeException | Error e) {
        failure = Failures.join(failure, e);
      }
    }
    Failures.throwIfAny(failure);
  }
}
