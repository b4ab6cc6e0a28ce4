package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.Descriptor;
import dev.memdesc.api.descriptor.FreeBlock;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;
import java.util.ArrayList;
import java.util.List;

/**
 * A buddy allocator per NUMA node with caches of single frames in front of it.
 *
 * <p><b>Locks.</b> A cache's lock is taken before a node's; never two nodes at once, and several
 * caches only by who needs all frames of a node: in ascending order, holding nothing before.
 *
 * <p><b>Double frees.</b> Free blocks have a {@link FreeBlock} as the descriptor of their first
 * frame; cached frames have {@link #cached}; so a frame that is free in any way can be told from
 * one that is allocated.
 */
public final class BuddyPageAllocator implements PageAllocator {
  private static final int STRIPES = stripes();

  private final HardwareMemory memory;
  private final DescriptorMap descriptors;
  private final int frameLg2;
  private final List<BuddyNode> nodes;
  // By node, then by stripe.
  private final FrameCache[][] caches;
  // Of no order, so that it merges with nothing.
  private final FreeBlock cached = new FreeBlock().reset(0, -1);

  /**
   * Divides the memory evenly into nodes.
   *
   * @param nodes how many NUMA nodes there are, at least 1
   */
  public BuddyPageAllocator(HardwareMemory memory, DescriptorMap descriptors, int nodes) {
    this.memory = memory;
    this.descriptors = descriptors;
    this.frameLg2 = memory.frameLg2();
    long frames = memory.bytes() >>> frameLg2;
    List<BuddyNode> made = new ArrayList<>();
    for (int n = 0; n < nodes; n++) {
      long first = memory.firstPa() + ((frames * n / nodes) << frameLg2);
      long end = memory.firstPa() + ((frames * (n + 1) / nodes) << frameLg2);
      made.add(new BuddyNode(n, first, end, frameLg2, descriptors));
    }
    this.nodes = List.copyOf(made);
    this.caches = new FrameCache[nodes][STRIPES];
    for (FrameCache[] stripes : caches) {
      for (int s = 0; s < STRIPES; s++) {
        stripes[s] = new FrameCache();
      }
    }
  }

  private static int stripes() {
    int wanted = Runtime.getRuntime().availableProcessors();
    return Integer.highestOneBit(wanted * 2 - 1);
  }

  @Override
  public long allocate(int order, int node, long paLimit) {
    if (order < 0 || order > MAX_ORDER || node < ANY_NODE || node >= nodes.size()) {
      throw PageTableException.because(
              Reason.OUT_OF_MEMORY, "a block has an order up to 10 and a node that exists")
          .with("order", order)
          .with("node", node)
          .with("nodes", nodes.size())
          .build();
    }
    int first = Math.max(node, 0);
    for (int i = 0; i < nodes.size(); i++) {
      int n = (first + i) % nodes.size();
      long pa =
          order == 0 && paLimit == NO_LIMIT
              ? allocateCached(n)
              : allocateFromNode(n, order, paLimit);
      if (pa != BuddyNode.NONE) {
        return pa;
      }
    }
    throw PageTableException.because(
            Reason.OUT_OF_MEMORY, "a free block of the order exists below the limit")
        .with("order", order)
        .hex("paLimit", paLimit)
        .with("freeBytes", memory.bytes() - allocatedBytes())
        .hint("give memdesc more physical memory; freeing blocks merges them")
        .build();
  }

  private long allocateFromNode(int n, int order, long paLimit) {
    long pa;
    synchronized (nodes.get(n)) {
      pa = nodes.get(n).allocate(order, paLimit);
    }
    return pa == BuddyNode.NONE ? allocateDrained(n, order, paLimit, 0) : pa;
  }

  /**
   * Empties all caches of a node, so that their frames can merge, and allocates before anybody else
   * can: with the locks of the caches from {@code stripe} on, then of the node. So a block is
   * refused only if none was free, cached or not, at one moment.
   */
  private long allocateDrained(int n, int order, long paLimit, int stripe) {
    if (stripe < STRIPES) {
      synchronized (caches[n][stripe]) {
        return allocateDrained(n, order, paLimit, stripe + 1);
      }
    }
    synchronized (nodes.get(n)) {
      for (FrameCache cache : caches[n]) {
        giveBack(n, cache, cache.size());
      }
      return nodes.get(n).allocate(order, paLimit);
    }
  }

  private long allocateCached(int n) {
    FrameCache cache = caches[n][stripe()];
    synchronized (cache) {
      if (cache.isEmpty()) {
        refill(n, cache);
      }
      if (!cache.isEmpty()) {
        long pa = cache.pop();
        descriptors.set(pa, null);
        return pa;
      }
    }
    return allocateFromNode(n, 0, NO_LIMIT);
  }

  private void refill(int n, FrameCache cache) {
    long[] batch = cache.batch();
    int got = 0;
    synchronized (nodes.get(n)) {
      while (got < batch.length) {
        long pa = nodes.get(n).allocate(0, NO_LIMIT);
        if (pa == BuddyNode.NONE) {
          break;
        }
        batch[got++] = pa;
      }
    }
    // The last is popped first: frames are handed out in ascending order.
    while (got > 0) {
      long pa = batch[--got];
      descriptors.set(pa, cached);
      cache.push(pa);
    }
  }

  @Override
  public void free(long pa, int order) {
    int n = checkFree(pa, order);
    if (order > 0) {
      synchronized (nodes.get(n)) {
        checkAllocated(n, pa, order);
        nodes.get(n).free(pa, order);
      }
      return;
    }
    FrameCache cache = caches[n][stripe()];
    synchronized (cache) {
      synchronized (nodes.get(n)) {
        checkAllocated(n, pa, 0);
        if (cache.isFull()) {
          giveBack(n, cache, FrameCache.BATCH);
        }
        descriptors.set(pa, cached);
      }
      cache.push(pa);
    }
  }

  private int checkFree(long pa, int order) {
    long mask = (1L << order << frameLg2) - 1;
    if (order < 0 || order > MAX_ORDER || (pa & mask) != 0) {
      throw PageTableException.because(
              Reason.MISALIGNED, "a block is aligned to its size, with an order up to 10")
          .hex("pa", pa)
          .with("order", order)
          .build();
    }
    return nodeOf(pa);
  }

  private void checkAllocated(int n, long pa, int order) {
    String found = nodes.get(n).findFree(pa, order);
    Descriptor descriptor = descriptors.get(pa);
    if (found == null && descriptor != null) {
      found = "described by " + descriptor;
    }
    if (found != null) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "a block that is freed is allocated and described by nothing")
          .hex("pa", pa)
          .with("order", order)
          .with("found", found)
          .with("needed", "allocated")
          .build();
    }
  }

  /** Moves frames from a cache to its node, whose lock the caller holds. */
  private void giveBack(int n, FrameCache cache, int frames) {
    for (int i = 0; i < frames; i++) {
      long pa = cache.pop();
      descriptors.set(pa, null);
      nodes.get(n).free(pa, 0);
    }
  }

  private int stripe() {
    return (int) Thread.currentThread().threadId() & (STRIPES - 1);
  }

  @Override
  public int nodeOf(long pa) {
    for (int n = 0; n < nodes.size(); n++) {
      if (nodes.get(n).contains(pa)) {
        return n;
      }
    }
    throw PageTableException.because(Reason.FOREIGN, "a pa lies in the allocator's memory")
        .hex("pa", pa)
        .hex("firstPa", memory.firstPa())
        .hex("lastPa", memory.firstPa() + memory.bytes() - 1)
        .build();
  }

  @Override
  public long allocatedBytes() {
    long frames = 0;
    for (int n = 0; n < nodes.size(); n++) {
      long cachedFrames = cachedFrames(n);
      synchronized (nodes.get(n)) {
        frames += nodes.get(n).frames() - nodes.get(n).freeFrames() - cachedFrames;
      }
    }
    return frames << frameLg2;
  }

  private long cachedFrames(int n) {
    long frames = 0;
    for (FrameCache cache : caches[n]) {
      synchronized (cache) {
        frames += cache.size();
      }
    }
    return frames;
  }

  @Override
  public List<NodeStatistics> statistics() {
    List<NodeStatistics> all = new ArrayList<>();
    for (int n = 0; n < nodes.size(); n++) {
      long cachedFrames = cachedFrames(n);
      synchronized (nodes.get(n)) {
        all.add(nodes.get(n).statistics(cachedFrames));
      }
    }
    return all;
  }
}
