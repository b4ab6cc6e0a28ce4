package dev.memdesc.api.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.List;

/** Hands out blocks of 2^order frames, aligned to their size. Safe for any number of threads. */
public interface PageAllocator {
  /** The largest order. */
  int MAX_ORDER = 10;

  /** Any node will do. */
  int ANY_NODE = -1;

  /** A {@code paLimit} that every frame is below. */
  long NO_LIMIT = -1L;

  /**
   * Allocates a block. Its contents are undefined.
   *
   * @param order log2 of the number of frames, 0..{@value #MAX_ORDER}
   * @param node the NUMA node wanted, or {@link #ANY_NODE}; others are used when it has no block
   * @param paLimit every byte of the block lies below this pa, unsigned
   * @return the pa of the block
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY}
   */
  long allocate(int order, int node, long paLimit);

  /**
   * Gives a block back.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if the block or a part of it is
   *     free already, {@link Reason#FOREIGN} if it is not this allocator's, {@link
   *     Reason#MISALIGNED}; nothing changed
   */
  void free(long pa, int order);

  /** The node that the frame at {@code pa} belongs to. */
  int nodeOf(long pa);

  /** Bytes that are allocated, with those in per-thread caches counted as free. */
  long allocatedBytes();

  /** Free blocks by node, then by order, as in /proc/buddyinfo; cached frames count in order 0. */
  List<NodeStatistics> statistics();

  /**
   * The free blocks of one node.
   *
   * @param node its number
   * @param frames how many frames the node has
   * @param freeBlocks index is the order
   */
  record NodeStatistics(int node, long frames, List<Long> freeBlocks) {}
}
