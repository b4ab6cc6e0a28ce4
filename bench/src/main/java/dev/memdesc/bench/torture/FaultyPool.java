package dev.memdesc.bench.torture;

import dev.memdesc.api.memory.FragmentCounts;
import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.core.fragment.FragmentParts;
import dev.memdesc.core.fragment.MaskedFragmentPool;

/** Pools with a planted fault. */
final class FaultyPool implements FragmentPool {
  private final FragmentPool pool;
  private final Fault fault;

  private FaultyPool(FragmentPool pool, Fault fault) {
    this.pool = pool;
    this.fault = fault;
  }

  /** What is wrong. */
  enum Fault {
    /** What must wait for a grace period is handed out at once. */
    EARLY_REUSE,
    /** What is freed at once is handed out with the contents that it had. */
    STALE_CONTENTS
  }

  /** An empty pool with the fault. */
  static FragmentPool create(FragmentParts parts, FragmentLayout layout, Fault fault) {
    return new FaultyPool(MaskedFragmentPool.create(parts, layout), fault);
  }

  @Override
  public FragmentLayout layout() {
    return pool.layout();
  }

  @Override
  public FragmentHandle register() {
    return new FaultyHandle(pool.register(), fault);
  }

  @Override
  public long allocate() {
    return pool.allocate();
  }

  @Override
  public void free(long pa) {
    if (fault == Fault.STALE_CONTENTS) {
      pool.freeEmpty(pa);
    } else {
      pool.free(pa);
    }
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
    private final Fault fault;

    FaultyHandle(FragmentHandle handle, Fault fault) {
      this.handle = handle;
      this.fault = fault;
    }

    @Override
    public long allocate() {
      return handle.allocate();
    }

    @Override
    public void free(long pa) {
      if (fault == Fault.STALE_CONTENTS) {
        handle.freeEmpty(pa);
      } else {
        handle.free(pa);
      }
    }

    @Override
    public void freeEmpty(long pa) {
      handle.freeEmpty(pa);
    }

    @Override
    public void freeDeferred(long pa) {
      if (fault == Fault.EARLY_REUSE) {
        handle.free(pa);
      } else {
        handle.freeDeferred(pa);
      }
    }

    @Override
    public void freeEmptyDeferred(long pa) {
      if (fault == Fault.EARLY_REUSE) {
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
