package dev.memdesc.bench.policy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import java.nio.ByteOrder;
import java.util.IdentityHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Table memory over the pools of a rival policy: states of tables, accounts and EMPTY contents are
 * the same for all of them; where tables lie and when memory is free again is the pool's.
 *
 * <p>It keeps nothing for re-use beyond what the policy does. A table's descriptor is found through
 * the table only, not through its pa: no engine walks these tables.
 */
final class PooledTableMemory implements TableMemory {
  private final TableMemoryParts parts;
  private final Policy policy;
  // Guarded by itself. Index is the level.
  private final IdentityHashMap<TableOwner, @Nullable Pool[]> pools = new IdentityHashMap<>();
  // Index is the node. Element: atomic add, no guard.
  private final AtomicLongArray allocatedByNode;

  PooledTableMemory(Policy policy, TableMemoryParts parts) {
    this.policy = policy;
    this.parts = parts;
    this.allocatedByNode = new AtomicLongArray(parts.nodes());
  }

  @Override
  public TableDescriptor allocate(TableOwner owner, int level, int node) {
    if (owner.account().isClosed()) {
      throw PageTableException.because(Reason.CLOSED, "an owner gets tables until it is closed")
          .with("owner", owner.name())
          .with("level", level)
          .build();
    }
    Fragment table = poolOf(owner, level).allocate(node);
    LevelLayout layout = parts.format().level(level);
    if (!table.isKnownEmpty()) {
      clear(layout, table.pa());
      table.setCleared();
    }
    table.assign(owner, level);
    count(table, owner, layout.table().allBytes());
    return table;
  }

  private Pool poolOf(TableOwner owner, int level) {
    synchronized (pools) {
      @Nullable Pool[] of =
          pools.computeIfAbsent(owner, _ -> new Pool[parts.format().levels().size()]);
      Pool pool = of[level];
      if (pool == null) {
        pool = newPool(parts.format().level(level));
        of[level] = pool;
      }
      return pool;
    }
  }

  private Pool newPool(LevelLayout layout) {
    int bytes = layout.table().allBytes();
    long frameBytes = 1L << parts.memory().frameLg2();
    int fragments = (int) (frameBytes / bytes);
    Host host = new Host(layout.table(), order(layout.table()));
    return fragments < 2
        ? new FullPagePool(host, bytes)
        : policy.newPool(host, fragments, bytes, parts.memory(), emptyWord(layout));
  }

  private int order(Placement placement) {
    int bytesLg2 = 64 - Long.numberOfLeadingZeros(placement.allBytes() - 1L);
    return Math.max(0, Math.max(bytesLg2, placement.alignLg2()) - parts.memory().frameLg2());
  }

  private void clear(LevelLayout layout, long pa) {
    HardwareMemory memory = parts.memory();
    memory.fill(pa, layout.table().bytes(), emptyWord(layout));
    if (layout.table().shadowBytes() > 0) {
      memory.fill(pa + layout.table().bytes(), layout.table().shadowBytes(), 0);
    }
  }

  private long emptyWord(LevelLayout layout) {
    return parts.format().order() == ByteOrder.nativeOrder()
        ? layout.emptyItem()
        : Long.reverseBytes(layout.emptyItem());
  }

  private void count(TableDescriptor table, TableOwner owner, long bytes) {
    owner.account().addAllocatedBytes(table.level(), bytes);
    allocatedByNode.getAndAdd(table.node(), bytes);
  }

  @Override
  public void free(TableDescriptor table) {
    TableState state = table.state();
    Fragment fragment = ours(table);
    // One winner: a second free finds the table FREE.
    table.become(state == TableState.FREE ? TableState.ALLOCATED : state, TableState.FREE);
    uncount(fragment);
    fragment.page().pool().free(fragment);
  }

  @Override
  public void freeAll(@Nullable TableDescriptor first) {
    RuntimeException failure = null;
    TableDescriptor table = first;
    while (table != null) {
      TableDescriptor next = table.next();
      table.setNext(null);
      try {
        Fragment fragment = ours(table);
        table.become(TableState.WAITING, TableState.FREE);
        uncount(fragment);
        fragment.page().pool().free(fragment);
      } catch (PageTableException e) {
        failure = failure == null ? e : failure;
      }
      table = next;
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void freeDeferred(TableDescriptor table) {
    Fragment fragment = ours(table);
    table.become(TableState.FLUSHED, TableState.WAITING);
    fragment.page().pool().freeDeferred(fragment);
  }

  private Fragment ours(TableDescriptor table) {
    if (table instanceof Fragment fragment
        && fragment.page().pool().host() instanceof Host host
        && host.isOf(this)) {
      return fragment;
    }
    throw PageTableException.because(Reason.FOREIGN, "a table comes from this table memory")
        .with("table", table)
        .build();
  }

  private void uncount(Fragment table) {
    TableOwner owner = table.owner();
    if (owner != null) {
      count(table, owner, -parts.format().level(table.level()).table().allBytes());
    }
  }

  @Override
  public void close(TableOwner owner) {
    owner.account().close();
    @Nullable Pool @Nullable [] closed;
    synchronized (pools) {
      closed = pools.remove(owner);
    }
    if (closed != null) {
      for (Pool pool : closed) {
        if (pool != null) {
          pool.close();
        }
      }
    }
  }

  @Override
  public void trim() {
    // Nothing is kept that the policy does not need to keep.
  }

  @Override
  public long allocatedBytes(int node) {
    return allocatedByNode.get(node);
  }

  /** What the pool of a level has around it. */
  private final class Host implements PoolHost {
    private final Placement placement;
    private final int order;

    Host(Placement placement, int order) {
      this.placement = placement;
      this.order = order;
    }

    @SuppressWarnings("ReferenceEquality") // it is about identity
    boolean isOf(PooledTableMemory memory) {
      return PooledTableMemory.this == memory;
    }

    @Override
    public long takePage(int node) {
      return parts.allocator().allocate(order, node, placement.paLimit());
    }

    @Override
    public int nodeOf(long pa) {
      return parts.allocator().nodeOf(pa);
    }

    @Override
    public void returnPage(long pa) {
      parts.allocator().free(pa, order);
    }

    @Override
    public void call(RcuHead head) {
      parts.rcu().call(head);
    }

    @Override
    public void waitedLongEnough(Fragment fragment) {
      fragment.become(TableState.WAITING, TableState.FREE);
      uncount(fragment);
    }
  }
}
