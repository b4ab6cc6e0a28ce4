package dev.memdesc.core.fragment;

import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;

/**
 * What a pool is made from.
 *
 * @param memory holds the fragments
 * @param allocator gives it pages
 * @param descriptors is where it puts its pages
 * @param rcu says when no walker can be inside a fragment any more
 */
public record FragmentParts(
    HardwareMemory memory, PageAllocator allocator, DescriptorMap descriptors, Rcu rcu) {}
