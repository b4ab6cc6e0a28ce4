package dev.memdesc.core.fragment;

import dev.memdesc.api.Failures;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentLayout.Contents;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.TableAccount;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.guard.Arguments;
import dev.memdesc.core.memory.DeferredTables;
import dev.memdesc.core.memory.FrameTableMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Table memory for every format: a table that fits a frame at least twice is a fragment, any other
 * is a block of frames. What a level needs is read off its {@link Placement}; no format is special.
 *
 * <p>Fragments come from pools of their owner, so that an owner's pages are empty when it is gone.
 * Only roots, of which an owner has one, come from pools that all owners share.
 */
public final class FragmentTableMemory implements TableMemory {
  private final TableFormat format;
  private final DescriptorMap descriptors;
  private final FrameTableMemory frames;
  // Index is the level; null where a table is a block of frames.
  private final @Nullable FragmentLayout[] layouts;
  private final boolean onlyFrames;
  private final TableMemoryParts parts;
  private final FragmentParts fragmentParts;
  // Index is the node. Atomic adds.
  private final AtomicLongArray allocatedByNode;
  private final TablePools roots;
  private final DeferredTables deferred;
  // Its own lock, held for one step: the model checker cannot follow a ConcurrentHashMap.
  private final Map<TableAccount, TablePools> byOwner =
      Collections.synchronizedMap(new HashMap<>());

  /** Empty table memory that uses the page first which got free fragments last. */
  public FragmentTableMemory(TableMemoryParts parts) {
    this(parts, PageChoice.NEWEST_FIRST);
  }

  /** Empty table memory. */
  public FragmentTableMemory(TableMemoryParts parts, PageChoice choice) {
    this.parts = parts;
    this.format = parts.format();
    this.descriptors = parts.descriptors();
    this.frames = new FrameTableMemory(parts);
    this.fragmentParts =
        new FragmentParts(parts.memory(), parts.allocator(), parts.descriptors(), parts.rcu());
    this.allocatedByNode = new AtomicLongArray(parts.nodes());
    this.layouts = new FragmentLayout[format.levels().size()];
    for (int level = 0; level < layouts.length; level++) {
      layouts[level] = fragments(format, format.level(level), choice, parts.memory().frameLg2());
    }
    this.onlyFrames = Arrays.stream(layouts).allMatch(Objects::isNull);
    this.roots = newPools();
    this.deferred =
        new DeferredTables(parts.rcu(), tableBytes(), parts.waitingBytes(), this::freeAll);
  }

  /** How tables of a level are cut out of frames; null if a frame does not hold two. */
  private static @Nullable FragmentLayout fragments(
      TableFormat format, LevelLayout level, PageChoice choice, int frameLg2) {
    Placement placement = level.table();
    long align = Math.max(Long.BYTES, 1L << placement.alignLg2());
    long bytes = (placement.allBytes() + align - 1) & -align;
    long count = Math.min(FragmentLayout.MAX_FRAGMENTS, (1L << frameLg2) / bytes);
    if (count < 2) {
      return null;
    }
    long empty = format.emptyWord(level);
    Contents contents =
        new Contents(
            empty, (int) bytes - placement.bytes(), level.mirror().endIndex() > 0 ? empty : 0);
    return new FragmentLayout(
        (int) bytes, (int) count, 0, PageAllocator.ANY_NODE, placement.paLimit(), contents, choice);
  }

  /** What a table of each level takes of memory. */
  private long[] tableBytes() {
    long[] bytes = new long[layouts.length];
    for (int level = 0; level < bytes.length; level++) {
      FragmentLayout layout = layouts[level];
      bytes[level] = layout == null ? frames.blockBytes(level) : layout.fragmentBytes();
    }
    return bytes;
  }

  private TablePools newPools() {
    return new TablePools(
        layouts.length,
        parts.nodes(),
        layout -> new TablePool(fragmentParts, layout, parts.newDescriptor(), allocatedByNode));
  }

  @Override
  public TableDescriptor allocate(TableOwner owner, int level, int node) {
    Arguments.require(owner, "owner");
    try {
      return tryAllocate(owner, level, node);
    } catch (PageTableException e) {
      // What is kept anywhere is given back before memory counts as out.
      if (e.reason() != Reason.OUT_OF_MEMORY || !tryTrim()) {
        throw e;
      }
      return tryAllocate(owner, level, node);
    }
  }

  private TableDescriptor tryAllocate(TableOwner owner, int level, int node) {
    FragmentLayout layout = layouts[level];
    if (layout == null) {
      return frames.allocate(owner, level, node);
    }
    TablePool pool = poolsOf(owner, level).get(level, node, layout);
    if (pool == null) {
      throw closed(owner, level);
    }
    return pool.allocateTable(owner, level);
  }

  private TablePools poolsOf(TableOwner owner, int level) {
    TableAccount account = owner.account();
    if (isRoot(level)) {
      requireOpen(owner, level);
      return roots;
    }
    TablePools pools = byOwner.get(account);
    if (pools != null) {
      return pools;
    }
    requireOpen(owner, level);
    TablePools fresh = newPools();
    TablePools present = byOwner.putIfAbsent(account, fresh);
    pools = present == null ? fresh : present;
    if (account.isClosed()) {
      // Closed meanwhile: close may have looked before these were put.
      byOwner.remove(account, pools);
      pools.close();
      throw closed(owner, level);
    }
    return pools;
  }

  private boolean isRoot(int level) {
    return level == format.rootLevel();
  }

  private static void requireOpen(TableOwner owner, int level) {
    if (owner.account().isClosed()) {
      throw closed(owner, level);
    }
  }

  private static PageTableException closed(TableOwner owner, int level) {
    return PageTableException.because(Reason.CLOSED, "an owner gets tables until it is closed")
        .with("owner", owner.name())
        .with("level", level)
        .build();
  }

  @Override
  public void free(TableDescriptor table) {
    Arguments.require(table, "table");
    Page page = pageOf(table);
    if (page == null) {
      frames.free(table);
      return;
    }
    TableState state = table.state();
    // One winner: a second free finds the table FREE.
    table.become(state == TableState.FREE ? TableState.ALLOCATED : state, TableState.FREE);
    table.setNext(null);
    poolOf(page).freeTable(page, table);
  }

  /** The page of this table memory that a table is a fragment of; null if it is in none. */
  @SuppressWarnings("ReferenceEquality") // a descriptor is told apart by identity
  private @Nullable Page pageOf(TableDescriptor table) {
    return layouts[table.level()] != null
            && descriptors.get(table.pa()) instanceof Page page
            && page.table(table.pa()) == table
        ? page
        : null;
  }

  private static TablePool poolOf(Page page) {
    return (TablePool) page.pool();
  }

  @Override
  public void freeAll(@Nullable TableDescriptor first) {
    if (onlyFrames) {
      frames.freeAll(first);
      return;
    }
    Throwable failure = null;
    TableDescriptor others = null;
    TableDescriptor rest = first;
    while (rest != null) {
      TableDescriptor table = rest;
      rest = table.next();
      Page page = pageOf(table);
      if (page == null) {
        table.setNext(others);
        others = table;
        continue;
      }
      table.setNext(null);
      try {
        table.becomeAlone(TableState.WAITING, TableState.FREE);
        poolOf(page).freeTable(page, table);
      } catch (RuntimeException | Error e) {
        failure = Failures.join(failure, e);
      }
    }
    try {
      frames.freeAll(others);
    } catch (RuntimeException | Error e) {
      failure = Failures.join(failure, e);
    }
    Failures.throwIfAny(failure);
  }

  @Override
  public void freeDeferred(TableDescriptor table) {
    Arguments.require(table, "table");
    Page page = pageOf(table);
    if (page == null) {
      frames.freeDeferred(table);
      return;
    }
    // One winner: a second free finds the table WAITING.
    table.become(TableState.FLUSHED, TableState.WAITING);
    poolOf(page).deferTable(page, table);
  }

  @Override
  public void freeAllDeferred(@Nullable TableDescriptor first) {
    if (onlyFrames) {
      frames.freeAllDeferred(first);
    } else {
      deferred.addAll(first);
    }
  }

  @Override
  public void close(TableOwner owner) {
    Arguments.require(owner, "owner");
    frames.close(owner);
    TablePools pools = byOwner.remove(owner.account());
    if (pools != null) {
      pools.close();
    }
  }

  @Override
  public void trim() {
    tryTrim();
  }

  /** The same; whether anything was given back. */
  private boolean tryTrim() {
    Trim trim = new Trim();
    trim.also(frames::tryTrim);
    roots.trim(trim);
    synchronized (byOwner) {
      for (TablePools pools : byOwner.values()) {
        pools.trim(trim);
      }
    }
    return trim.finish();
  }

  @Override
  public long allocatedBytes(int node) {
    return frames.allocatedBytes(node) + allocatedByNode.get(node);
  }
}
