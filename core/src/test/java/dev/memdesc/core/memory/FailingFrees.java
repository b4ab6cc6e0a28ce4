package dev.memdesc.core.memory;

import dev.memdesc.api.memory.PageAllocator;
import java.util.List;

/** A plugin's page allocator that takes every block back and throws all the same. */
public final class FailingFrees implements PageAllocator {
  private final PageAllocator delegate;

  /** In front of another one. */
  public FailingFrees(PageAllocator delegate) {
    this.delegate = delegate;
  }

  @Override
  public long allocate(int order, int node, long paLimit) {
    return delegate.allocate(order, node, paLimit);
  }

  @Override
  public void free(long pa, int order) {
    delegate.free(pa, order);
    throw new UnsupportedOperationException("free of pa " + pa);
  }

  @Override
  public int nodeOf(long pa) {
    return delegate.nodeOf(pa);
  }

  @Override
  public long allocatedBytes() {
    return delegate.allocatedBytes();
  }

  @Override
  public List<NodeStatistics> statistics() {
    return delegate.statistics();
  }
}
