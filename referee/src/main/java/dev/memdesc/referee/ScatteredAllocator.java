package dev.memdesc.referee;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.PageAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Hands out blocks at random places all over RAM, so that every bit of a table's pa takes part in
 * the walks. Blocks that come back are handed out again before new places are touched.
 */
public final class ScatteredAllocator implements PageAllocator {
  private static final int TRIES = 1000;

  /** How much of what is free is used again at most, in its order's list. */
  private final Map<Integer, Deque<Long>> free = new HashMap<>();

  private final Map<Long, Integer> allocated = new HashMap<>();
  private final List<AddressRange> taken = new ArrayList<>();
  private final long bytes;
  private final int frameLg2;
  private final SplittableRandom random;

  /** An allocator for RAM of {@code bytes} from 0, without what is reserved. */
  public ScatteredAllocator(long bytes, int frameLg2, List<AddressRange> reserved, long seed) {
    this.bytes = bytes;
    this.frameLg2 = frameLg2;
    this.random = new SplittableRandom(seed);
    taken.addAll(reserved);
  }

  @Override
  public synchronized long allocate(int order, int node, long paLimit) {
    long size = 1L << order << frameLg2;
    Deque<Long> list = free.computeIfAbsent(order, one -> new ArrayDeque<>());
    for (int i = list.size(); i > 0; i--) {
      long pa = list.removeFirst();
      if (fits(pa, size, paLimit)) {
        allocated.put(pa, order);
        return pa;
      }
      list.addLast(pa);
    }
    long end = Long.compareUnsigned(bytes, paLimit) < 0 ? bytes : paLimit;
    for (int i = 0; i < TRIES && end >= size; i++) {
      long pa = random.nextLong(end / size) * size;
      AddressRange range = AddressRange.of(pa, size);
      if (taken.stream().noneMatch(range::overlaps)) {
        taken.add(range);
        allocated.put(pa, order);
        return pa;
      }
    }
    throw PageTableException.because(Reason.OUT_OF_MEMORY, "a place for the block was found")
        .with("order", order)
        .hex("paLimit", paLimit)
        .build();
  }

  private static boolean fits(long pa, long size, long paLimit) {
    return Long.compareUnsigned(pa + size, paLimit) <= 0;
  }

  @Override
  public synchronized void free(long pa, int order) {
    Integer found = allocated.remove(pa);
    if (found == null || found != order) {
      throw PageTableException.because(Reason.ILLEGAL_STATE, "a block that is freed is allocated")
          .hex("pa", pa)
          .with("order", order)
          .build();
    }
    free.computeIfAbsent(order, one -> new ArrayDeque<>()).addLast(pa);
  }

  @Override
  public int nodeOf(long pa) {
    return 0;
  }

  @Override
  public synchronized long allocatedBytes() {
    return allocated.values().stream().mapToLong(order -> 1L << order << frameLg2).sum();
  }

  /** Nothing is known: nobody counts what is between the blocks. */
  @Override
  public List<NodeStatistics> statistics() {
    return List.of();
  }
}
