package dev.memdesc.tck.fault;

import dev.memdesc.api.memory.PageAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A page allocator, as a plugin may bring one, that fails where it is told to. */
final class FaultyPages implements PageAllocator {
  private final PageAllocator delegate;
  private final FaultInjector faults;
  // Blocks that it refused to take, with their order. Guarded by itself.
  private final Map<Long, Integer> refused = new LinkedHashMap<>();

  FaultyPages(PageAllocator delegate, FaultInjector faults) {
    this.delegate = delegate;
    this.faults = faults;
  }

  @Override
  public long allocate(int order, int node, long paLimit) {
    faults.pass(FaultPoint.ALLOCATE);
    return delegate.allocate(order, node, paLimit);
  }

  @Override
  public void free(long pa, int order) {
    try {
      faults.pass(FaultPoint.FREE);
    } catch (RuntimeException | Error e) {
      synchronized (refused) {
        refused.put(pa, order);
      }
      throw e;
    }
    delegate.free(pa, order);
    synchronized (refused) {
      refused.remove(pa);
    }
    faults.pass(FaultPoint.FREED);
  }

  /**
   * Takes what it refused and nobody offered again: the one block that an allocator which refuses
   * to take it keeps for itself.
   */
  void takeRefused() {
    synchronized (refused) {
      refused.forEach(delegate::free);
      refused.clear();
    }
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
