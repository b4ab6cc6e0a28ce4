package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.PageAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Hands out exactly the addresses it is given, in their order: for tests whose tables must lie
 * where a manual's example has them.
 */
public final class ScriptedAllocator implements PageAllocator {
  private final int frameLg2;
  // Both guarded by this.
  private final Deque<Long> script = new ArrayDeque<>();
  private final Map<Long, Integer> allocated = new HashMap<>();

  /**
   * Scripts the first allocations.
   *
   * @param frameLg2 log2 of the bytes of a frame
   * @param addresses the pa of each block, first to last
   */
  public ScriptedAllocator(int frameLg2, long... addresses) {
    this.frameLg2 = frameLg2;
    for (long pa : addresses) {
      script.add(pa);
    }
  }

  @Override
  public synchronized long allocate(int order, int node, long paLimit) {
    Long pa = script.peek();
    if (pa == null || Long.compareUnsigned(pa + (1L << order << frameLg2), paLimit) > 0) {
      throw PageTableException.because(Reason.OUT_OF_MEMORY, "the script has another block")
          .with("order", order)
          .hex("paLimit", paLimit)
          .build();
    }
    script.remove();
    allocated.put(pa, order);
    return pa;
  }

  @Override
  public synchronized void free(long pa, int order) {
    Integer found = allocated.get(pa);
    if (found == null || found != order) {
      throw PageTableException.because(Reason.ILLEGAL_STATE, "a block that is freed is allocated")
          .hex("pa", pa)
          .with("order", order)
          .with("found", found == null ? "nothing" : "order " + found)
          .build();
    }
    allocated.remove(pa);
  }

  @Override
  public int nodeOf(long pa) {
    return 0;
  }

  @Override
  public synchronized long allocatedBytes() {
    return allocated.values().stream().mapToLong(order -> 1L << order << frameLg2).sum();
  }

  /** Nothing is known to be free. */
  @Override
  public List<NodeStatistics> statistics() {
    return List.of();
  }
}
