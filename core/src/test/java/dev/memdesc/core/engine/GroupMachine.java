package dev.memdesc.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.descriptor.StructureChecker;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FaultInjectingAllocator;
import dev.memdesc.core.memory.FrameTableMemory;
import dev.memdesc.core.memory.Items;
import dev.memdesc.core.memory.MemoryWait;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import dev.memdesc.core.rcu.DeterministicRcu;
import dev.memdesc.core.space.EngineAddressSpace;
import dev.memdesc.core.space.TableGather;
import dev.memdesc.core.stamp.Stamps;

/** A stamped machine of a small format, checked after every operation. */
final class GroupMachine implements AutoCloseable {
  private static final int FRAMES = 512;

  final PhysicalMemory memory;
  final FaultInjectingAllocator allocator;
  final TableMemory tableMemory;
  final AddressSpace space;
  private final DescriptorMap descriptors;
  private final DeterministicRcu rcu = new DeterministicRcu();
  final Reader reader = new UnwatchedReader(rcu);

  private GroupMachine(TableFormat format) {
    this.memory =
        PhysicalMemory.anonymous(0, (long) FRAMES << format.frameLg2(), format.frameLg2());
    this.descriptors = new DescriptorMap(memory);
    this.allocator = new FaultInjectingAllocator(new BuddyPageAllocator(memory, descriptors, 1));
    this.tableMemory =
        new FrameTableMemory(
            new TableMemoryParts(
                format.largest(), memory, allocator, descriptors, 1, rcu, TableDescriptor::new));
    this.space =
        new EngineAddressSpace(
            "small",
            format,
            memory,
            descriptors,
            tableMemory,
            rcu,
            0,
            MemoryWait.NONE,
            (one, context) -> Stamps.of(one, memory).apply(context),
            closed -> {});
  }

  static GroupMachine of(TableFormat format) {
    return new GroupMachine(format);
  }

  void map(long va, long pa, long length, Attributes attributes) {
    map(va, pa, length, attributes, PageSizes.ANY);
  }

  void map(long va, long pa, long length, Attributes attributes, PageSizes sizes) {
    try (var gather = space.gather()) {
      space.map(va, pa, length, attributes, sizes, gather);
    }
    checkValid();
  }

  void putSoft(long va, int sizeLg2, SoftEntry entry) {
    try (var gather = space.gather()) {
      space.putSoft(va, sizeLg2, entry, gather);
    }
    checkValid();
  }

  long unmap(long va, long length, CutLeaf cut) {
    long bytes;
    try (var gather = space.gather()) {
      bytes = space.unmap(va, length, cut, gather);
    }
    checkValid();
    return bytes;
  }

  /** Returns how many invalidations could not wait. */
  int protect(long va, long length, Attributes attributes) {
    int invalidations;
    try (TableGather gather = (TableGather) space.gather()) {
      assertThat(space.protect(va, length, attributes, gather)).isEqualTo(length);
      invalidations = gather.invalidations();
    }
    checkValid();
    return invalidations;
  }

  /** An item of the first table of a level. */
  long item(int level, int index) {
    return Items.load(memory, space.format(), pa(level, index));
  }

  void setItem(int level, int index, long item) {
    Items.store(memory, space.format(), pa(level, index), item);
  }

  private long pa(int wanted, int index) {
    TableFormat format = space.format();
    long table = space.rootPa();
    for (int level = format.rootLevel(); level > wanted; level--) {
      LevelLayout layout = format.level(level);
      long item = Items.load(memory, format, table);
      assertThat(layout.isTable().passes(item)).as("a table at level %d", level).isTrue();
      table = layout.tablePa().decode(item);
    }
    return table + (long) index * format.itemBytes();
  }

  void checkValid() {
    assertThat(StructureChecker.check(space, memory, descriptors)).isEmpty();
  }

  void settle() {
    rcu.barrier();
    rcu.barrier();
  }

  @Override
  public void close() {
    checkValid();
    space.close();
    settle();
    tableMemory.trim();
    assertThat(space.counts().allocatedBytes()).isZero();
    assertThat(allocator.allocatedBytes()).isZero();
    memory.close();
  }
}
