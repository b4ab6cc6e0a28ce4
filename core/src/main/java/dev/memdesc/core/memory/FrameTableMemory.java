package dev.memdesc.core.memory;

import dev.memdesc.api.Failures;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.guard.Arguments;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A table is one block of whole frames, aligned to its size.
 *
 * <p>Up to 1024 tables and 4 MiB per level are kept, known-empty, and handed out again. A table
 * whose entry count fell to 0 comes back so; one that was dropped with entries in it is cleared
 * when it comes back. A table with a shadow, which the count does not see, is never kept.
 *
 * <p>Descriptors are recycled with their memory; in steady state nothing is allocated.
 */
public final class FrameTableMemory implements TableMemory {
  private static final long KEPT_PER_LEVEL = 1024;

  /** So that large tables, of 64 KiB and more, do not keep memory by the hundred MiB. */
  private static final long KEPT_BYTES_PER_LEVEL = 4L << 20;

  private final TableFormat format;
  private final HardwareMemory memory;
  private final PageAllocator allocator;
  private final DescriptorMap descriptors;
  private final Supplier<TableDescriptor> newDescriptor;
  private final DeferredTables deferred;
  // Index is the level.
  private final long[] blockBytes;
  private final int[] keptLimits;
  // Index is the node. Guarded by this.
  private final long[] allocatedByNode;
  // Index is the level. Both guarded by this; kept tables are FREE and stay bound to their memory.
  private final @Nullable TableDescriptor[] kept;
  private final int[] keptCounts;
  // FREE descriptors bound to nothing. Guarded by this.
  private @Nullable TableDescriptor unused;

  /** Empty table memory. */
  public FrameTableMemory(TableMemoryParts parts) {
    this.format = parts.format();
    this.memory = parts.memory();
    this.allocator = parts.allocator();
    this.descriptors = parts.descriptors();
    this.newDescriptor = parts.newDescriptor();
    this.allocatedByNode = new long[parts.nodes()];
    int levels = format.levels().size();
    this.kept = new TableDescriptor[levels];
    this.keptCounts = new int[levels];
    this.blockBytes = new long[levels];
    this.keptLimits = new int[levels];
    for (int level = 0; level < levels; level++) {
      Placement placement = format.level(level).table();
      blockBytes[level] = 1L << order(placement) << memory.frameLg2();
      // The count does not see a shadow, so a table that has one is never known-empty.
      keptLimits[level] =
          placement.shadowBytes() > 0
              ? 0
              : (int) Math.min(KEPT_PER_LEVEL, KEPT_BYTES_PER_LEVEL / blockBytes[level]);
    }
    this.deferred =
        new DeferredTables(parts.rcu(), blockBytes, parts.waitingBytes(), this::freeAll);
  }

  /** Bytes of the block that a table of a level is. */
  public long blockBytes(int level) {
    return blockBytes[level];
  }

  @Override
  public TableDescriptor allocate(TableOwner owner, int level, int node) {
    Arguments.require(owner, "owner");
    if (owner.account().isClosed()) {
      throw PageTableException.because(Reason.CLOSED, "an owner gets tables until it is closed")
          .with("owner", owner.name())
          .with("level", level)
          .build();
    }
    long bytes = blockBytes[level];
    TableDescriptor table = takeKept(level, node, bytes);
    if (table == null) {
      table = makeTable(format.level(level), node);
      addAllocated(table.node(), bytes);
    }
    table.assign(owner, level);
    owner.account().addAllocatedBytes(level, bytes);
    return table;
  }

  /** Whether every item is EMPTY; a table with a shadow is never known-empty. */
  private boolean isEmpty(TableDescriptor table, LevelLayout layout) {
    for (int offset = 0; offset < layout.table().bytes(); offset += Long.BYTES) {
      if (memory.loadAcquire(table.pa() + offset) != format.emptyWord(layout)) {
        return false;
      }
    }
    return true;
  }

  /** A table that is kept, counted as {@code bytes} of its node, or null. */
  private synchronized @Nullable TableDescriptor takeKept(int level, int node, long bytes) {
    TableDescriptor table = kept[level];
    if (table == null || (node != PageAllocator.ANY_NODE && table.node() != node)) {
      return null;
    }
    // Not where tables are only given up: those count no bytes.
    assert bytes == 0 || isEmpty(table, format.level(level))
        : "a known-empty table is not empty: " + table;
    kept[level] = table.next();
    keptCounts[level]--;
    allocatedByNode[table.node()] += bytes;
    table.setNext(null);
    return table;
  }

  private synchronized void addAllocated(int node, long bytes) {
    allocatedByNode[node] += bytes;
  }

  private TableDescriptor makeTable(LevelLayout layout, int node) {
    Placement placement = layout.table();
    long pa = allocateBlock(order(placement), node, placement.paLimit());
    try {
      clear(layout, pa);
      TableDescriptor table = takeUnused();
      table.bind(pa, allocator.nodeOf(pa));
      descriptors.set(pa, table);
      return table;
    } catch (RuntimeException | Error e) {
      // Memory that was closed meanwhile, or no heap for a descriptor: the block is not lost.
      allocator.free(pa, order(placement));
      throw e;
    }
  }

  private void clear(LevelLayout layout, long pa) {
    Placement placement = layout.table();
    memory.fill(pa, placement.bytes(), format.emptyWord(layout));
    if (placement.shadowBytes() > 0) {
      memory.fill(
          pa + placement.bytes(),
          placement.shadowBytes(),
          layout.mirror().endIndex() > 0 ? format.emptyWord(layout) : 0);
    }
  }

  /** A block; tables that are kept are given back before memory counts as out. */
  private long allocateBlock(int order, int node, long paLimit) {
    try {
      return allocator.allocate(order, node, paLimit);
    } catch (PageTableException e) {
      if (e.reason() != Reason.OUT_OF_MEMORY || !tryTrim()) {
        throw e;
      }
      return allocator.allocate(order, node, paLimit);
    }
  }

  private synchronized TableDescriptor takeUnused() {
    TableDescriptor table = unused;
    if (table == null) {
      return newDescriptor.get();
    }
    unused = table.next();
    table.setNext(null);
    return table;
  }

  @Override
  public void free(TableDescriptor table) {
    Arguments.require(table, "table");
    TableState state = table.state();
    TableOwner owner = ownerOf(table, state);
    // One winner: a second free finds the table FREE.
    table.become(state == TableState.FREE ? TableState.ALLOCATED : state, TableState.FREE);
    table.setNext(null);
    TableDescriptor given;
    synchronized (this) {
      takeOutOfAccount(owner, table.level(), 1);
      given = keepOrPut(table, table.count(), null);
    }
    Failures.throwIfAny(release(given, null));
  }

  @Override
  public void freeDeferred(TableDescriptor table) {
    Arguments.require(table, "table");
    var _ = ownerOf(table, table.state());
    // One winner: a second free finds the table WAITING.
    table.become(TableState.FLUSHED, TableState.WAITING);
    deferred.add(table);
  }

  /** The owner of a table, after a check that the table is of this table memory. */
  @SuppressWarnings("ReferenceEquality") // a descriptor is told apart by identity
  private TableOwner ownerOf(TableDescriptor table, TableState state) {
    TableOwner owner = table.owner();
    if (owner == null || (state != TableState.FREE && descriptors.get(table.pa()) != table)) {
      throw PageTableException.because(Reason.FOREIGN, "a table comes from this table memory")
          .with("table", table)
          .build();
    }
    return owner;
  }

  @Override
  public void freeAllDeferred(@Nullable TableDescriptor first) {
    deferred.addAll(first);
  }

  @Override
  public void close(TableOwner owner) {
    Arguments.require(owner, "owner");
    // Frames that are kept are kept for every owner, so nothing of this one is left behind.
    owner.account().close();
  }

  @Override
  public void freeAll(@Nullable TableDescriptor first) {
    Throwable failure = null;
    TableDescriptor given = null;
    synchronized (this) {
      // Tables of one level and owner are taken out of the account together.
      TableOwner owner = null;
      int level = 0;
      int tables = 0;
      TableDescriptor table = first;
      int count = first == null ? 0 : first.count();
      while (table != null) {
        TableDescriptor next = table.next();
        // Read before this table is cleared: the stores would keep the next descriptor's line
        // waiting, one table after the other.
        int nextCount = next == null ? 0 : next.count();
        table.setNext(null);
        try {
          table.becomeAlone(TableState.WAITING, TableState.FREE);
          if (tables > 0 && (table.level() != level || !isOwner(table, owner))) {
            takeOutOfAccount(owner, level, tables);
            tables = 0;
          }
          owner = table.owner();
          level = table.level();
          tables++;
          given = keepOrPut(table, count, given);
        } catch (RuntimeException | Error e) {
          failure = Failures.join(failure, e);
        }
        table = next;
        count = nextCount;
      }
      takeOutOfAccount(owner, level, tables);
    }
    Failures.throwIfAny(release(given, failure));
  }

  @SuppressWarnings("ReferenceEquality") // owners are told apart by identity
  private static boolean isOwner(TableDescriptor table, @Nullable TableOwner owner) {
    return table.owner() == owner;
  }

  private void takeOutOfAccount(@Nullable TableOwner owner, int level, int tables) {
    if (owner != null) {
      owner.account().addAllocatedBytes(level, -tables * blockBytes[level]);
    }
  }

  /**
   * Keeps a FREE table if there is room for it, EMPTY: one that was dropped with entries in it is
   * cleared. This object's lock is held.
   *
   * @param count of its entries
   * @param given tables that are not kept
   * @return the same with this one before them if it is not kept either
   */
  private @Nullable TableDescriptor keepOrPut(
      TableDescriptor table, int count, @Nullable TableDescriptor given) {
    int level = table.level();
    allocatedByNode[table.node()] -= blockBytes[level];
    if (keptCounts[level] < keptLimits[level] && becomeEmpty(table, count)) {
      table.setNext(kept[level]);
      kept[level] = table;
      keptCounts[level]++;
      return given;
    }
    table.setNext(given);
    return table;
  }

  /** Clears a table that was dropped with entries in it; false if memory was closed meanwhile. */
  private boolean becomeEmpty(TableDescriptor table, int count) {
    if (count == 0) {
      return true;
    }
    try {
      clear(format.level(table.level()), table.pa());
      return true;
    } catch (PageTableException e) {
      return false;
    }
  }

  /**
   * Gives the memory of FREE tables, linked in a list, back to the page allocator: every one, also
   * after one that a plugin's allocator does not take.
   *
   * @param before what failed before
   * @return the same with what failed now
   */
  private @Nullable Throwable release(@Nullable TableDescriptor first, @Nullable Throwable before) {
    Throwable failure = before;
    TableDescriptor table = first;
    while (table != null) {
      TableDescriptor next = table.next();
      try {
        descriptors.set(table.pa(), null);
        allocator.free(table.pa(), order(format.level(table.level()).table()));
      } catch (RuntimeException | Error e) {
        failure = Failures.join(failure, e);
      }
      synchronized (this) {
        table.setNext(unused);
        unused = table;
      }
      table = next;
    }
    return failure;
  }

  @Override
  public void trim() {
    tryTrim();
  }

  /** Gives every table that is kept back to the page allocator; true if there was one. */
  public boolean tryTrim() {
    boolean any = false;
    Throwable failure = null;
    for (int level = 0; level < kept.length; level++) {
      for (TableDescriptor table = takeKept(level, PageAllocator.ANY_NODE, 0);
          table != null;
          table = takeKept(level, PageAllocator.ANY_NODE, 0)) {
        failure = release(table, failure);
        any = true;
      }
    }
    Failures.throwIfAny(failure);
    return any;
  }

  @Override
  public synchronized long allocatedBytes(int node) {
    return allocatedByNode[node];
  }

  private int order(Placement placement) {
    int bytesLg2 = 64 - Long.numberOfLeadingZeros(placement.allBytes() - 1L);
    return Math.max(0, Math.max(bytesLg2, placement.alignLg2()) - memory.frameLg2());
  }
}
