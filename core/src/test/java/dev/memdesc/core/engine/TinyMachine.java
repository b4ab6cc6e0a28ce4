package dev.memdesc.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.descriptor.StructureChecker;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FaultInjectingAllocator;
import dev.memdesc.core.memory.FrameTableMemory;
import dev.memdesc.core.memory.HeapMemory;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import dev.memdesc.core.rcu.DeterministicRcu;
import dev.memdesc.core.space.EngineAddressSpace;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableEngine;
import dev.memdesc.core.stamp.Stamps;
import java.util.function.Function;

/** A machine of the tiny format: un-stamped over a {@code long[]}, or stamped over memory. */
final class TinyMachine implements AutoCloseable {
  private static final int FRAMES = 64;

  final HardwareMemory memory;
  final DescriptorMap descriptors;
  final FaultInjectingAllocator allocator;
  final TableMemory tableMemory;
  final AddressSpace space;
  private final DeterministicRcu rcu = new DeterministicRcu();

  private TinyMachine(HardwareMemory memory, Function<EngineContext, TableEngine> engines) {
    this.memory = memory;
    this.descriptors = new DescriptorMap(memory);
    this.allocator = new FaultInjectingAllocator(new BuddyPageAllocator(memory, descriptors, 1));
    this.tableMemory =
        new FrameTableMemory(
            new TableMemoryParts(
                TinyFormat.FORMAT, memory, allocator, descriptors, 1, rcu, TableDescriptor::new));
    this.space =
        new EngineAddressSpace(
            "tiny", TinyFormat.FORMAT, memory, descriptors, tableMemory, rcu, 0, engines, s -> {});
  }

  static TinyMachine unstamped() {
    return unstamped(Engine::new);
  }

  static TinyMachine unstamped(Function<EngineContext, TableEngine> engines) {
    return new TinyMachine(new HeapMemory(FRAMES, TinyFormat.FORMAT.frameLg2()), engines);
  }

  static TinyMachine stamped() {
    PhysicalMemory memory =
        PhysicalMemory.anonymous(
            0, (long) FRAMES << TinyFormat.FORMAT.frameLg2(), TinyFormat.FORMAT.frameLg2());
    return new TinyMachine(memory, Stamps.of(TinyFormat.FORMAT, memory));
  }

  /** A reader that nobody waits for: nothing is freed here while another thread reads. */
  Reader reader() {
    return new UnwatchedReader(rcu);
  }

  /** Grace periods pass until all is free: what came while one ran is queued by its callback. */
  void gracePeriod() {
    rcu.barrier();
    rcu.barrier();
  }

  void checkValid() {
    assertThat(StructureChecker.check(space, memory, descriptors)).isEmpty();
  }

  @Override
  public void close() {
    checkValid();
    space.close();
    gracePeriod();
    tableMemory.trim();
    assertThat(space.counts().allocatedBytes()).isZero();
    assertThat(allocator.allocatedBytes()).isZero();
  }
}
