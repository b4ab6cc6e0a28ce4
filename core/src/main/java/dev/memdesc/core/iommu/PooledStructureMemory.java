package dev.memdesc.core.iommu;

import dev.memdesc.api.Failures;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.StructureMemory;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.fragment.FragmentParts;
import dev.memdesc.core.fragment.MaskedFragmentPool;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Memory for the structures of one unit. What fits a frame twice or more is a fragment, from a pool
 * that all structures of its size and node share; anything else is a block of whole frames, aligned
 * to its size, with its descriptor at every frame.
 *
 * <p>Structures are made when units open and devices are attached, so everything here is done under
 * one lock.
 */
public final class PooledStructureMemory implements StructureMemory {
  private final HardwareMemory memory;
  private final PageAllocator allocator;
  private final DescriptorMap descriptors;
  private final FragmentParts parts;
  // All guarded by this.
  private final Map<Shape, FragmentPool> pools = new HashMap<>();
  private final Map<Long, Allocated> live = new HashMap<>();
  private final long[] bytesByNode;
  private long blockFrames;
  // What the page allocator threw and nobody was told yet.
  private @Nullable Throwable failure;

  /** What a pool's fragments are like. */
  private record Shape(int bytes, int node) {}

  /**
   * A structure that is handed out.
   *
   * @param pool that it is a fragment of; null for a block
   * @param order of the block
   */
  private record Allocated(StructureDescriptor structure, @Nullable FragmentPool pool, int order) {}

  /** Empty structure memory of a machine with that many nodes. */
  public PooledStructureMemory(FragmentParts parts, int nodes) {
    this.parts = parts;
    this.memory = parts.memory();
    this.allocator = parts.allocator();
    this.descriptors = parts.descriptors();
    this.bytesByNode = new long[nodes];
  }

  @Override
  public synchronized <D extends StructureDescriptor> D allocate(
      String name, int bytes, int alignLg2, int node, Supplier<D> descriptor) {
    if (bytes < Long.BYTES || bytes % Long.BYTES != 0 || alignLg2 < 0 || alignLg2 > 62) {
      throw PageTableException.because(
              Reason.INCONSISTENT, "a structure has a multiple of 8 bytes and an alignment")
          .with("structure", name)
          .with("bytes", bytes)
          .with("alignLg2", alignLg2)
          .build();
    }
    D structure = descriptor.get();
    long align = Math.max(Long.BYTES, 1L << alignLg2);
    long size = (bytes + align - 1) & -align;
    Allocated allocated =
        2 * size <= frameBytes()
            ? fragment(structure, name, (int) size, bytes, node)
            : block(structure, name, size, bytes, node);
    live.put(structure.pa(), allocated);
    bytesByNode[structure.node()] += bytes;
    return structure;
  }

  private Allocated fragment(
      StructureDescriptor structure, String name, int size, int bytes, int node) {
    FragmentPool pool =
        pools.computeIfAbsent(
            new Shape(size, node),
            shape ->
                MaskedFragmentPool.create(
                    parts, FragmentLayout.of(size, frameBytes()).filledWith(0).on(node)));
    long pa = pool.allocate();
    structure.bind(name, pa, bytes, allocator.nodeOf(pa));
    return new Allocated(structure, pool, 0);
  }

  private Allocated block(
      StructureDescriptor structure, String name, long size, int bytes, int node) {
    int sizeLg2 = 64 - Long.numberOfLeadingZeros(size - 1);
    int order = Math.max(0, sizeLg2 - memory.frameLg2());
    long pa = allocator.allocate(order, node, PageAllocator.NO_LIMIT);
    try {
      memory.fill(pa, frameBytes() * (1L << order), 0);
    } catch (RuntimeException | Error e) {
      // Memory that was closed meanwhile: the block is not lost.
      allocator.free(pa, order);
      throw e;
    }
    structure.bind(name, pa, bytes, allocator.nodeOf(pa));
    describe(pa, order, structure);
    blockFrames += 1L << order;
    return new Allocated(structure, null, order);
  }

  private void describe(long pa, int order, @Nullable StructureDescriptor structure) {
    for (long frame = 0; frame < 1L << order; frame++) {
      descriptors.set(pa + (frame << memory.frameLg2()), structure);
    }
  }

  private int frameBytes() {
    return 1 << memory.frameLg2();
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // a descriptor is told apart by identity
  public synchronized void free(StructureDescriptor structure) {
    if (!structure.isBound()) {
      throw PageTableException.because(Reason.ILLEGAL_STATE, "a structure is given back once")
          .with("structure", structure)
          .with("state", "free")
          .with("needed", "allocated")
          .build();
    }
    Allocated allocated = live.get(structure.pa());
    if (allocated == null || allocated.structure() != structure) {
      throw PageTableException.because(
              Reason.FOREIGN, "a structure is given back to the memory that it came from")
          .with("structure", structure)
          .build();
    }
    live.remove(structure.pa());
    bytesByNode[structure.node()] -= structure.bytes();
    FragmentPool pool = allocated.pool();
    long pa = structure.pa();
    structure.unbind();
    if (pool == null) {
      describe(pa, allocated.order(), null);
      blockFrames -= 1L << allocated.order();
    }
    try {
      if (pool != null) {
        pool.free(pa);
      } else {
        allocator.free(pa, allocated.order());
      }
    } catch (RuntimeException | Error e) {
      notReturned(e);
    }
  }

  /**
   * The page allocator threw when it was given memory. The structure is free all the same, and the
   * caller, who may be in the middle of taking a device off a unit, goes on: it hears of it from
   * {@link #trim}, which whoever closes the unit calls.
   */
  private void notReturned(Throwable e) {
    failure = Failures.join(failure, e);
  }

  @Override
  public synchronized long allocatedBytes(int node) {
    return bytesByNode[node];
  }

  @Override
  public synchronized long frames() {
    long frames = blockFrames;
    for (FragmentPool pool : pools.values()) {
      frames += pool.counts().pages();
    }
    return frames;
  }

  /** What is handed out, for messages. */
  synchronized String names() {
    return live.values().stream()
        .map(one -> one.structure().toString())
        .sorted()
        .toList()
        .toString();
  }

  /**
   * Gives back the pages that are kept for the next structure. Throws what the page allocator threw
   * when it was given memory, now or since the last time.
   */
  synchronized void trim() {
    for (FragmentPool pool : pools.values()) {
      failure = Failures.after(failure, pool::trim);
    }
    Throwable thrown = failure;
    failure = null;
    Failures.throwIfAny(thrown);
  }
}
