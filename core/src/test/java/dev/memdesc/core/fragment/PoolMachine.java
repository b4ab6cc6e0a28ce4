package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.descriptor.FragmentPage;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FaultInjectingAllocator;
import dev.memdesc.core.memory.HeapMemory;
import dev.memdesc.core.rcu.DeterministicRcu;
import java.util.Arrays;
import java.util.function.BiFunction;

/** A pool over a {@code long[]} full of garbage, with grace periods that are stepped by hand. */
final class PoolMachine {
  static final long GARBAGE = 0xdead_beef_dead_beefL;

  final HeapMemory memory;
  final DescriptorMap descriptors;
  final FaultInjectingAllocator allocator;
  final DeterministicRcu rcu = new DeterministicRcu();
  final MaskedFragmentPool pool;

  PoolMachine(int frames, int frameLg2, FragmentLayout layout) {
    this(frames, frameLg2, 1, layout, MaskedFragmentPool::new);
  }

  PoolMachine(
      int frames,
      int frameLg2,
      int nodes,
      FragmentLayout layout,
      BiFunction<FragmentParts, FragmentLayout, MaskedFragmentPool> pools) {
    this.memory = new HeapMemory(frames, frameLg2);
    Arrays.fill(memory.words(), GARBAGE);
    this.descriptors = new DescriptorMap(memory);
    this.allocator =
        new FaultInjectingAllocator(new BuddyPageAllocator(memory, descriptors, nodes));
    this.pool = pools.apply(new FragmentParts(memory, allocator, descriptors, rcu), layout);
  }

  /** A grace period passes. */
  void pass() {
    rcu.advance();
    rcu.runCallbacks();
  }

  /** What {@code step} throws; it changes nothing that can be counted. */
  PageTableException refused(Runnable step) {
    var before = pool.counts();
    long bytes = allocator.allocatedBytes();
    long queued = rcu.statistics().backlog();
    PageTableException e = catchThrowableOfType(PageTableException.class, step::run);
    assertThat(e).as("what is refused").isNotNull();
    assertThat(pool.counts()).isEqualTo(before);
    assertThat(allocator.allocatedBytes()).isEqualTo(bytes);
    assertThat(rcu.statistics().backlog()).isEqualTo(queued);
    return e;
  }

  /** Fails unless a closed pool of which every fragment was given back has nothing any more. */
  void checkNothingLeft() {
    pool.close();
    pass();
    pass();
    assertThat(pool.counts().pages()).as("pages").isZero();
    assertThat(pool.counts().listedPages()).as("pages on lists").isZero();
    assertThat(allocator.allocatedBytes()).as("bytes of pages").isZero();
    for (long pa = 0; pa < memory.bytes(); pa += 1L << memory.frameLg2()) {
      assertThat(descriptors.get(pa) instanceof FragmentPage).as("page at %d", pa).isFalse();
    }
  }
}
