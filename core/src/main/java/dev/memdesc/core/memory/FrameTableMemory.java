package dev.memdesc.core.memory;

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
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A table is one block of whole frames, aligned to its size.
 *
 * <p>Tables that come back known-empty are kept, bounded per level, and handed out again without
 * clearing: their entry count fell to 0, so every item holds its EMPTY pattern. A table that was
 * dropped with entries in it, or that has a shadow which the count does not see, is never kept.
 *
 * <p>Descriptors are recycled with their memory; in steady state nothing is allocated.
 */
public final class FrameTableMemory implements TableMemory {
  private static final int KEPT_PER_LEVEL = 64;

  private final TableFormat format;
  private final HardwareMemory memory;
  private final PageAllocator allocator;
  private final DescriptorMap descriptors;
  private final Supplier<TableDescriptor> newDescriptor;
  private final AtomicLongArray allocatedByNode;
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
    this.allocatedByNode = new AtomicLongArray(parts.nodes());
    this.kept = new TableDescriptor[format.levels().size()];
    this.keptCounts = new int[format.levels().size()];
  }

  @Override
  public TableDescriptor allocate(TableOwner owner, int level, int node) {
    LevelLayout layout = format.level(level);
    TableDescriptor table = takeKept(level, node);
    if (table == null) {
      table = makeTable(layout, node);
    }
    table.assign(owner, level);
    long bytes = blockBytes(layout.table());
    owner.account().addAllocatedBytes(level, bytes);
    allocatedByNode.getAndAdd(table.node(), bytes);
    return table;
  }

  private synchronized @Nullable TableDescriptor takeKept(int level, int node) {
    TableDescriptor table = kept[level];
    if (table == null || (node != PageAllocator.ANY_NODE && table.node() != node)) {
      return null;
    }
    kept[level] = table.next();
    keptCounts[level]--;
    table.setNext(null);
    return table;
  }

  private TableDescriptor makeTable(LevelLayout layout, int node) {
    Placement placement = layout.table();
    long pa = allocateBlock(order(placement), node, placement.paLimit());
    memory.fill(pa, placement.bytes(), emptyWord(layout));
    if (placement.shadowBytes() > 0) {
      memory.fill(
          pa + placement.bytes(),
          placement.shadowBytes(),
          layout.mirror().endIndex() > 0 ? emptyWord(layout) : 0);
    }
    TableDescriptor table = takeUnused();
    table.bind(pa, allocator.nodeOf(pa));
    descriptors.set(pa, table);
    return table;
  }

  /** A block; tables that are kept are given back before memory counts as out. */
  private long allocateBlock(int order, int node, long paLimit) {
    try {
      return allocator.allocate(order, node, paLimit);
    } catch (PageTableException e) {
      if (e.reason() != Reason.OUT_OF_MEMORY || !giveBackKept()) {
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
  @SuppressWarnings("ReferenceEquality") // a descriptor is told apart by identity
  public void free(TableDescriptor table) {
    TableOwner owner = table.owner();
    TableState state = table.state();
    if (owner == null || (state != TableState.FREE && descriptors.get(table.pa()) != table)) {
      throw PageTableException.because(Reason.FOREIGN, "a table comes from this table memory")
          .with("table", table)
          .build();
    }
    table.become(state == TableState.FREE ? TableState.ALLOCATED : state, TableState.FREE);
    LevelLayout layout = format.level(table.level());
    long bytes = blockBytes(layout.table());
    owner.account().addAllocatedBytes(table.level(), -bytes);
    allocatedByNode.getAndAdd(table.node(), -bytes);
    if (table.count() != 0 || layout.table().shadowBytes() != 0 || !keep(table)) {
      release(table);
    }
  }

  private synchronized boolean keep(TableDescriptor table) {
    int level = table.level();
    if (keptCounts[level] == KEPT_PER_LEVEL) {
      return false;
    }
    table.setNext(kept[level]);
    kept[level] = table;
    keptCounts[level]++;
    return true;
  }

  private void release(TableDescriptor table) {
    long pa = table.pa();
    int order = order(format.level(table.level()).table());
    descriptors.set(pa, null);
    allocator.free(pa, order);
    synchronized (this) {
      table.setNext(unused);
      unused = table;
    }
  }

  @Override
  public void trim() {
    giveBackKept();
  }

  /** Gives every table that is kept back to the page allocator; true if there was one. */
  private boolean giveBackKept() {
    boolean any = false;
    for (int level = 0; level < kept.length; level++) {
      for (TableDescriptor table = takeKept(level, PageAllocator.ANY_NODE);
          table != null;
          table = takeKept(level, PageAllocator.ANY_NODE)) {
        release(table);
        any = true;
      }
    }
    return any;
  }

  @Override
  public long allocatedBytes(int node) {
    return allocatedByNode.get(node);
  }

  private int order(Placement placement) {
    int bytesLg2 = 64 - Long.numberOfLeadingZeros(placement.allBytes() - 1L);
    return Math.max(0, Math.max(bytesLg2, placement.alignLg2()) - memory.frameLg2());
  }

  private long blockBytes(Placement placement) {
    return 1L << order(placement) << memory.frameLg2();
  }

  private long emptyWord(LevelLayout layout) {
    return format.order() == ByteOrder.nativeOrder()
        ? layout.emptyItem()
        : Long.reverseBytes(layout.emptyItem());
  }
}
