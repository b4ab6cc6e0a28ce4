package dev.memdesc.bench.alloc;

import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.fragment.FragmentParts;
import dev.memdesc.core.fragment.MaskedFragmentPool;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.rcu.RcuFlavour;

/** A pool in physical memory of its own, with grace periods as they are in use. */
final class FragmentMachine implements AutoCloseable {
  private static final long MEMORY_BYTES = 1L << 30;

  private final PhysicalMemory memory;
  final Rcu rcu;
  final FragmentPool pool;

  /**
   * An empty pool.
   *
   * @param frameLg2 log2 of the bytes of a page
   */
  FragmentMachine(int frameLg2, FragmentLayout layout) {
    memory = PhysicalMemory.anonymous(0, MEMORY_BYTES, frameLg2);
    DescriptorMap descriptors = new DescriptorMap(memory);
    rcu = RcuFlavour.preferred().open();
    pool =
        MaskedFragmentPool.create(
            new FragmentParts(
                memory, new BuddyPageAllocator(memory, descriptors, 1), descriptors, rcu),
            layout);
  }

  @Override
  public void close() {
    pool.close();
    rcu.close();
    memory.close();
  }
}
