package dev.memdesc.bench.torture;

import dev.memdesc.api.memory.FragmentCounts;
import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.core.fragment.FragmentParts;
import dev.memdesc.core.fragment.MaskedFragmentPool;

/** The planted fault of fragments: what should wait for a grace period is handed out at once. */
final class EarlyReusePool implements FragmentPool {
  private final FragmentPool pool;

  private EarlyReusePool(FragmentPool pool) {
    this.pool = pool;
  }

  /** An empty pool with the fault. */
  static FragmentPool create(FragmentParts parts, FragmentLayout layout) {
    return new EarlyReusePool(MaskedFragmentPool.create(parts, layout));
  }

  @Override
  public FragmentLayout layout() {
    return pool.layout();
  }

  @Override
  public FragmentHandle register() {
    return new EarlyHandle(pool.register());
  }

  @Override
  public long allocate() {
    return pool.allocate();
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
    pool.free(pa);
  }

  @Override
  public void freeEmptyDeferred(long pa) {
    pool.freeEmpty(pa);
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

  private static final class EarlyHandle extends FragmentHandle {
    private final FragmentHandle handle;

    EarlyHandle(FragmentHandle handle) {
      this.handle = handle;
    }

    @Override
    public long allocate() {
      return handle.allocate();
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
      handle.free(pa);
    }

    @Override
    public void freeEmptyDeferred(long pa) {
      handle.freeEmpty(pa);
    }

    @Override
    public void close() {
      handle.close();
    }
  }
}
