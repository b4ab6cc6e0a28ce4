package dev.memdesc.core.memory;

import dev.memdesc.api.descriptor.Descriptor;
import dev.memdesc.api.descriptor.FreeBlock;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.core.descriptor.DescriptorMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The free blocks of one NUMA node. Every method is called under this object's lock.
 *
 * <p>Frames that were never handed out are not in any list: they lie above {@code untouched} and
 * are cut off it a block of the largest order at a time, so a large sparse memory costs nothing up
 * front.
 */
final class BuddyNode {
  static final long NONE = -1L;

  private final int number;
  private final long firstPa;
  private final long endPa;
  private final int frameLg2;
  private final DescriptorMap descriptors;
  private final @Nullable FreeBlock[] lists = new FreeBlock[PageAllocator.MAX_ORDER + 1];
  private final long[] counts = new long[PageAllocator.MAX_ORDER + 1];
  private @Nullable FreeBlock unusedDescriptors;
  private long untouched;
  private long freeFrames;

  BuddyNode(int number, long firstPa, long endPa, int frameLg2, DescriptorMap descriptors) {
    this.number = number;
    this.firstPa = firstPa;
    this.endPa = endPa;
    this.frameLg2 = frameLg2;
    this.descriptors = descriptors;
    this.untouched = firstPa;
    this.freeFrames = (endPa - firstPa) >>> frameLg2;
  }

  boolean contains(long pa) {
    return pa >= firstPa && pa < endPa;
  }

  long frames() {
    return (endPa - firstPa) >>> frameLg2;
  }

  long freeFrames() {
    return freeFrames;
  }

  /** A block below the limit, or {@link #NONE}. */
  long allocate(int order, long paLimit) {
    while (true) {
      for (int from = order; from <= PageAllocator.MAX_ORDER; from++) {
        for (FreeBlock block = lists[from]; block != null; block = block.next()) {
          if (fits(block.pa(), order, paLimit)) {
            long pa = block.pa();
            reserveDescriptors(from - order);
            unlink(block);
            split(pa, from, order);
            freeFrames -= 1L << order;
            return pa;
          }
        }
      }
      if (!touchMore(order, paLimit)) {
        return NONE;
      }
    }
  }

  private boolean fits(long pa, int order, long paLimit) {
    return Long.compareUnsigned(pa + (1L << order << frameLg2), paLimit) <= 0;
  }

  /** Gives back the upper halves of a block of order {@code from} down to {@code order}. */
  private void split(long pa, int from, int order) {
    for (int half = from - 1; half >= order; half--) {
      link(pa + (1L << half << frameLg2), half);
    }
  }

  /** Cuts the next largest aligned block off the untouched frames, if that may help. */
  private boolean touchMore(int order, long paLimit) {
    if (untouched >= endPa || !fits(alignUp(untouched, order), order, paLimit)) {
      return false;
    }
    long room = (endPa - untouched) >>> frameLg2;
    int aligned = Long.numberOfTrailingZeros(untouched >>> frameLg2);
    int most = Math.min(aligned, 63 - Long.numberOfLeadingZeros(room));
    int cut = Math.min(PageAllocator.MAX_ORDER, most);
    link(untouched, cut);
    untouched += 1L << cut << frameLg2;
    return true;
  }

  private long alignUp(long pa, int order) {
    long mask = (1L << order << frameLg2) - 1;
    return (pa + mask) & ~mask;
  }

  /** Frees a block that {@link #findFree} found nothing free in; merges it with its buddies. */
  void free(long pa, int order) {
    freeFrames += 1L << order;
    int merged = order;
    long start = pa;
    while (merged < PageAllocator.MAX_ORDER) {
      long buddy = start ^ (1L << merged << frameLg2);
      // The descriptors are those of all nodes; the lists and the lock are of this one.
      if (!contains(buddy)
          || !(descriptors.get(buddy) instanceof FreeBlock block)
          || block.order() != merged) {
        break;
      }
      unlink(block);
      start = Math.min(start, buddy);
      merged++;
    }
    link(start, merged);
  }

  /**
   * What shows that a part of the block is not allocated: a free block that overlaps it, or the
   * untouched frames. Null if all of it is allocated.
   */
  @Nullable String findFree(long pa, int order) {
    if (pa + (1L << order << frameLg2) > untouched) {
      return "never allocated";
    }
    for (long frame = pa; frame < pa + (1L << order << frameLg2); frame += 1L << frameLg2) {
      if (descriptors.get(frame) instanceof FreeBlock) {
        return "free";
      }
    }
    for (int larger = order + 1; larger <= PageAllocator.MAX_ORDER; larger++) {
      long head = pa & -(1L << larger << frameLg2);
      if (head >= firstPa
          && descriptors.get(head) instanceof FreeBlock block
          && block.order() >= larger) {
        return "free";
      }
    }
    return null;
  }

  /** Free blocks by order; the untouched frames as blocks of the orders they would be cut into. */
  PageAllocator.NodeStatistics statistics(long cachedFrames) {
    List<Long> blocks = new ArrayList<>();
    for (long count : counts) {
      blocks.add(count);
    }
    long pa = untouched;
    while (pa < endPa) {
      int order =
          Math.min(
              PageAllocator.MAX_ORDER,
              Math.min(
                  Long.numberOfTrailingZeros(pa >>> frameLg2),
                  63 - Long.numberOfLeadingZeros((endPa - pa) >>> frameLg2)));
      long step = 1L << order << frameLg2;
      long times = order == PageAllocator.MAX_ORDER ? (endPa - pa) / step : 1;
      blocks.set(order, blocks.get(order) + times);
      pa += times * step;
    }
    blocks.set(0, blocks.getFirst() + cachedFrames);
    return new PageAllocator.NodeStatistics(number, frames(), List.copyOf(blocks));
  }

  /** Makes what a split needs before anything is changed: running out of heap loses no frame. */
  private void reserveDescriptors(int wanted) {
    int there = 0;
    for (FreeBlock block = unusedDescriptors; block != null && there < wanted; ) {
      block = block.next();
      there++;
    }
    for (; there < wanted; there++) {
      FreeBlock block = new FreeBlock();
      block.link(null, unusedDescriptors);
      unusedDescriptors = block;
    }
  }

  private void link(long pa, int order) {
    reserveDescriptors(1);
    FreeBlock block = Objects.requireNonNull(unusedDescriptors);
    // May need a section of the map, and so comes before the lists change.
    Descriptor before = descriptors.get(pa);
    assert before == null : before;
    descriptors.set(pa, block);
    unusedDescriptors = block.next();
    FreeBlock first = lists[order];
    block.reset(pa, order).link(null, first);
    if (first != null) {
      first.link(block, first.next());
    }
    lists[order] = block;
    counts[order]++;
  }

  private void unlink(FreeBlock block) {
    FreeBlock before = block.previous();
    FreeBlock after = block.next();
    if (before == null) {
      lists[block.order()] = after;
    } else {
      before.link(before.previous(), after);
    }
    if (after != null) {
      after.link(before, after.next());
    }
    counts[block.order()]--;
    descriptors.set(block.pa(), null);
    block.link(null, unusedDescriptors);
    unusedDescriptors = block;
  }
}
