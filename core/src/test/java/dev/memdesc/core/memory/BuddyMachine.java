package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.PageAllocator.NodeStatistics;
import dev.memdesc.core.descriptor.DescriptorMap;
import java.util.ArrayList;
import java.util.List;

/** A buddy allocator over frames that nobody touches, and what tests want to know of it. */
final class BuddyMachine {
  static final int ANY = PageAllocator.ANY_NODE;
  static final long NO_LIMIT = PageAllocator.NO_LIMIT;
  static final int MAX_ORDER = PageAllocator.MAX_ORDER;

  final Frames frames;
  final DescriptorMap descriptors;
  final BuddyPageAllocator allocator;
  private final List<NodeStatistics> start;

  BuddyMachine(long firstFrame, long frameCount, int nodes) {
    this.frames = Frames.of(firstFrame, frameCount);
    this.descriptors = new DescriptorMap(frames);
    this.allocator = new BuddyPageAllocator(frames, descriptors, nodes);
    this.start = allocator.statistics();
  }

  long allocate(int order) {
    return allocator.allocate(order, ANY, NO_LIMIT);
  }

  /** Blocks of one order until there are no more. */
  List<Long> allocateAll(int order) {
    List<Long> blocks = new ArrayList<>();
    try {
      while (true) {
        blocks.add(allocate(order));
      }
    } catch (PageTableException e) {
      assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    }
    return blocks;
  }

  void freeAll(List<Long> blocks, int order) {
    for (long pa : blocks) {
      allocator.free(pa, order);
    }
  }

  /** Frames that the statistics call free. */
  long freeFrames() {
    long free = 0;
    for (NodeStatistics node : allocator.statistics()) {
      for (int order = 0; order < node.freeBlocks().size(); order++) {
        free += node.freeBlocks().get(order) << order;
      }
    }
    return free;
  }

  /** Fails unless everything is free and merged as far as it was at the start. */
  void checkAsAtStart() {
    assertThat(allocator.allocatedBytes()).isZero();
    // Wanting more than there is empties the caches of single frames, so that these merge too.
    freeAll(allocateAll(MAX_ORDER), MAX_ORDER);
    assertThat(allocator.statistics()).isEqualTo(start);
    assertThat(allocator.allocatedBytes()).isZero();
  }
}
