package dev.memdesc.core.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableAccount;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.engine.Engine;
import dev.memdesc.core.engine.TinyFormat;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FrameTableMemory;
import dev.memdesc.core.memory.HeapMemory;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import dev.memdesc.core.rcu.DeterministicRcu;
import dev.memdesc.core.space.EngineAddressSpace;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableEngine;
import dev.memdesc.core.stamp.Stamps;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Function;

/** An address space with tables to spoil. */
final class TinySpace {
  static final Attributes READ = Attributes.of(Access.READ);
  private static final int FRAMES = 64;

  final TableFormat format;
  final HardwareMemory memory;
  final DescriptorMap descriptors;
  final AddressSpace space;
  private final TableMemory tableMemory;

  private TinySpace(
      TableFormat format, HardwareMemory memory, Function<EngineContext, TableEngine> engines) {
    this.format = format;
    this.memory = memory;
    this.descriptors = new DescriptorMap(memory);
    DeterministicRcu rcu = new DeterministicRcu();
    this.tableMemory =
        new FrameTableMemory(
            new TableMemoryParts(
                format,
                memory,
                new BuddyPageAllocator(memory, descriptors, 1),
                descriptors,
                1,
                rcu,
                TableDescriptor::new));
    this.space =
        new EngineAddressSpace(
            "spoiled", format, memory, descriptors, tableMemory, rcu, 0, engines, closed -> {});
  }

  /** The un-stamped engine on the tiny format. */
  static TinySpace unstamped() {
    return new TinySpace(TinyFormat.FORMAT, new HeapMemory(FRAMES, 5), Engine::new);
  }

  /** A stamped engine on a variant of the tiny format. */
  static TinySpace stamped(TableFormat format) {
    PhysicalMemory memory = PhysicalMemory.anonymous(0, FRAMES << 5, 5);
    return new TinySpace(format, memory, Stamps.of(format, memory));
  }

  void map(long va, long pa, long length) {
    try (Gather gather = space.gather()) {
      space.map(va, pa, length, READ, gather);
    }
  }

  /** The descriptor of the table at a pa. */
  TableDescriptor table(long pa) {
    if (descriptors.get(pa) instanceof TableDescriptor table) {
      return table;
    }
    throw new AssertionError("no table at " + pa);
  }

  TableDescriptor root() {
    return table(space.rootPa());
  }

  /** The table that an item of the root leads to. */
  TableDescriptor child(int index) {
    return table(format.level(1).tablePa().decode(item(root(), index)));
  }

  /** A table of nobody's. */
  TableDescriptor strayTable(int level) {
    return tableMemory.allocate((TableOwner) space, level, 0);
  }

  TableAccount account() {
    return ((TableOwner) space).account();
  }

  long item(TableDescriptor table, int index) {
    return swap(memory.loadAcquire(table.pa() + index * 8L));
  }

  void setItem(TableDescriptor table, int index, long item) {
    memory.storeRelease(table.pa() + index * 8L, swap(item));
  }

  private long swap(long word) {
    return format.order() == ByteOrder.nativeOrder() ? word : Long.reverseBytes(word);
  }

  List<String> violations() {
    return StructureChecker.check(space, memory, descriptors);
  }

  /** Fails unless exactly these sentences are said, in any order. */
  void checkSays(String... sentences) {
    assertThat(violations()).containsExactlyInAnyOrder(sentences);
  }
}
