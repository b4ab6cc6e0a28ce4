package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.PageAllocator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A page allocator that refuses when it is told to, to show what callers do then. */
public final class FaultInjectingAllocator implements PageAllocator {
  private final PageAllocator delegate;
  // Counts down to the allocation that fails; atomic, no guard.
  private final AtomicLong remaining = new AtomicLong(Long.MAX_VALUE);
  private volatile double probability;
  // Set by the test, taken by the next allocation.
  private volatile @Nullable RuntimeException planted;
  // Guarded by itself.
  private SplittableRandom random = new SplittableRandom(0);

  /** Refuses nothing yet. */
  public FaultInjectingAllocator(PageAllocator delegate) {
    this.delegate = delegate;
  }

  /** The n-th allocation from now fails, once; 1 is the next. */
  public void failNth(long n) {
    remaining.set(n);
  }

  /** The next allocation throws this, as a plugin's allocator may. */
  public void failNextWith(RuntimeException exception) {
    planted = exception;
  }

  /** Each allocation fails with this probability, 0..1, by a generator with this seed. */
  public synchronized void failWithProbability(double probability, long seed) {
    this.probability = probability;
    this.random = new SplittableRandom(seed);
  }

  private synchronized boolean unlucky() {
    return random.nextDouble() < probability;
  }

  @Override
  public long allocate(int order, int node, long paLimit) {
    RuntimeException exception = planted;
    if (exception != null) {
      planted = null;
      throw exception;
    }
    if (remaining.decrementAndGet() == 0 || (probability > 0 && unlucky())) {
      throw PageTableException.because(Reason.OUT_OF_MEMORY, "the injected fault is not due")
          .with("order", order)
          // It has a cause: nobody waits for memory.
          .build(new IllegalStateException("injected"));
    }
    return delegate.allocate(order, node, paLimit);
  }

  @Override
  public void free(long pa, int order) {
    delegate.free(pa, order);
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
