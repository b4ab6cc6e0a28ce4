package dev.memdesc.bench.torture;

import dev.memdesc.api.memory.FragmentCounts;
import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.fragment.FragmentParts;
import dev.memdesc.core.fragment.MaskedFragmentPool;

/** Pools with a planted fault. */
final class FaultyPool implements FragmentPool {
  private static final long STALE = 0x57a1e;

  private final HardwareMemory memory;
  private final FragmentPool pool;
  private final Fault fault;

  private FaultyPool(HardwareMemory memory, FragmentPool pool, Fault fault) {
    this.memory = memory;
    this.pool = pool;
    this.fault = fault;
  }

  /** What is wrong. */
  enum Fault {
    /** What must wait for a grace period is handed out at once. */
    EARLY_REUSE,
    /** What is handed out still has a word of what it held. */
    STALE_CONTENTS
  }

  /** An empty pool with the fault. */
  static FragmentPool create(FragmentParts parts, FragmentLayout layout, Fault fault) {
    return new FaultyPool(parts.memory(), MaskedFragmentPool.create(parts, layout), fault);
  }

  @Override
  public FragmentLayout layout() {
    return pool.layout();
  }

  @Override
  public FragmentHandle register() {
    return new FaultyHandle(this, pool.register());
  }

  @Override
  public long allocate() {
    return spoil(pool.allocate());
  }

  private long spoil(long pa) {
    if (fault == Fault.STALE_CONTENTS) {
      memory.storeRelease(pa, STALE);
    }
    return pa;
  }

  @Override
  public void free(long pa) {
    pool.free(pa);
  }

  @Override
  public void freeEmpty(long pa) {
    pool.freeEmpty(pa);
  }

  @Override
  public void freeDeferred(long pa) {
    if (fault == Fault.EARLY_REUSE) {
      pool.free(pa);
    } else {
      pool.freeDeferred(pa);
    }
  }

  @Override
  public void freeEmptyDeferred(long pa) {
    if (fault == Fault.EARLY_REUSE) {
      pool.freeEmpty(pa);
    } else {
      pool.freeEmptyDeferred(pa);
    }
  }

  @Override
  public void trim() {
    pool.trim();
  }

  @Override
  public FragmentCounts counts() {
    return pool.counts();
  }

  @Override
  public void close() {
    pool.close();
  }

  private static final class FaultyHandle extends FragmentHandle {
    private final FragmentHandle handle;
    private final FaultyPool owner;

    FaultyHandle(FaultyPool owner, FragmentHandle handle) {
      this.owner = owner;
      this.handle = handle;
    }

    @Override
    public long allocate() {
      return owner.spoil(handle.allocate());
    }

    @Override
    public void free(long pa) {
      handle.free(pa);
    }

    @Override
    public void freeEmpty(long pa) {
      handle.freeEmpty(pa);
    }

    @Override
    public void freeDeferred(long pa) {
      if (owner.fault == Fault.EARLY_REUSE) {
        handle.free(pa);
      } else {
        handle.freeDeferred(pa);
      }
    }

    @Override
    public void freeEmptyDeferred(long pa) {
      if (owner.fault == Fault.EARLY_REUSE) {
        handle.freeEmpty(pa);
      } else {
        handle.freeEmptyDeferred(pa);
      }
    }

    @Override
    public void close() {
      handle.close();
    }
  }
}
