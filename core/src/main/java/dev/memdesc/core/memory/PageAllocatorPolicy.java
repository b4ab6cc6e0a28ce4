package dev.memdesc.core.memory;

import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;

/** Makes the page allocator. A plugin or a test may bind its own. */
@FunctionalInterface
public interface PageAllocatorPolicy {
  /** A new allocator for all frames of the memory, divided evenly into nodes. */
  PageAllocator create(HardwareMemory memory, DescriptorMap descriptors, int nodes);
}
