package dev.memdesc.core.fragment;

import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.MemoryWait;

/**
 * What a pool is made from.
 *
 * @param memory holds the fragments
 * @param allocator gives it pages
 * @param descriptors is where it puts its pages
 * @param rcu says when no walker can be inside a fragment any more
 * @param memoryWait what a thread does that finds no memory
 */
public record FragmentParts(
    HardwareMemory memory,
    PageAllocator allocator,
    DescriptorMap descriptors,
    Rcu rcu,
    MemoryWait memoryWait) {
  /** With the usual time to wait. */
  public FragmentParts(
      HardwareMemory memory, PageAllocator allocator, DescriptorMap descriptors, Rcu rcu) {
    this(memory, allocator, descriptors, rcu, MemoryWait.of(rcu, MemoryWait.USUAL));
  }
}
