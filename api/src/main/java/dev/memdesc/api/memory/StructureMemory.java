package dev.memdesc.api.memory;

import dev.memdesc.api.descriptor.StructureDescriptor;
import java.util.function.Supplier;

/**
 * Memory for what hardware reads beside page tables: root and context tables, stream tables,
 * queues. Structures smaller than a frame share frames. Safe for any number of threads.
 */
public interface StructureMemory {
  /**
   * Allocates zeroed memory together with what describes it.
   *
   * @param name for messages
   * @param bytes at least 8, a multiple of 8
   * @param alignLg2 log2 of the alignment of its first byte
   * @param node the NUMA node wanted, or {@link PageAllocator#ANY_NODE}
   * @param descriptor makes a new descriptor of the type wanted
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#OUT_OF_MEMORY};
   *     nothing changed
   */
  <D extends StructureDescriptor> D allocate(
      String name, int bytes, int alignLg2, int node, Supplier<D> descriptor);

  /**
   * Gives it back; hardware has forgotten it. A page allocator that does not take its frames is no
   * failure of this: whoever closes the unit hears of it.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#ILLEGAL_STATE} if
   *     it is free already, {@link dev.memdesc.api.Reason#FOREIGN} if it is not of this memory;
   *     nothing changed
   */
  void free(StructureDescriptor structure);

  /** Bytes of structures handed out, by node. */
  long allocatedBytes(int node);

  /** Frames that hold them, of all nodes. */
  long frames();
}
