package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.TableAccount;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FaultInjectingAllocator;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import dev.memdesc.core.memory.TableStates;
import java.util.ArrayList;
import java.util.List;

/** Table memory of a shaped format over sparse memory, and owners of tables. */
final class ShapedMachine implements AutoCloseable {
  final TableFormat format;
  final PhysicalMemory memory;
  final DescriptorMap descriptors;
  final FaultInjectingAllocator allocator;
  final FragmentTableMemory tables;
  final List<Owner> owners = new ArrayList<>();
  private final Rcu rcu;
  private final int nodes;

  ShapedMachine(TableFormat format, Rcu rcu) {
    this(format, rcu, 0, 1, PageChoice.NEWEST_FIRST);
  }

  ShapedMachine(TableFormat format, Rcu rcu, long firstPa, int nodes, PageChoice choice) {
    this.format = format;
    this.rcu = rcu;
    this.nodes = nodes;
    this.memory = PhysicalMemory.anonymous(firstPa, 1L << 30, format.frameLg2());
    this.descriptors = new DescriptorMap(memory);
    this.allocator =
        new FaultInjectingAllocator(new BuddyPageAllocator(memory, descriptors, nodes));
    this.tables =
        new FragmentTableMemory(
            new TableMemoryParts(
                format, memory, allocator, descriptors, nodes, rcu, TableDescriptor::new),
            choice);
  }

  Owner newOwner() {
    Owner owner = new Owner(format, "owner " + owners.size());
    owners.add(owner);
    return owner;
  }

  TableDescriptor allocate(TableOwner owner, int level) {
    return tables.allocate(owner, level, PageAllocator.ANY_NODE);
  }

  void freeDeferred(TableDescriptor table) {
    TableStates.bring(table, TableState.FLUSHED);
    tables.freeDeferred(table);
  }

  long word(TableDescriptor table, int index) {
    return memory.loadAcquire(table.pa() + index * 8L);
  }

  /** Stores an item that the table's count knows of. */
  void putItem(TableDescriptor table, int index, long word) {
    memory.storeRelease(table.pa() + index * 8L, word);
    table.unlock(table.lock(), 1);
  }

  /** Closes the owners; fails unless every counter is 0 then and every frame is free. */
  @Override
  public void close() {
    for (Owner owner : owners) {
      tables.close(owner);
    }
    rcu.close();
    tables.trim();
    for (Owner owner : owners) {
      assertThat(owner.account().isZero()).as("account of %s", owner.name()).isTrue();
    }
    for (int node = 0; node < nodes; node++) {
      assertThat(tables.allocatedBytes(node)).as("bytes of node %d", node).isZero();
    }
    assertThat(allocator.allocatedBytes()).as("bytes of frames").isZero();
    memory.close();
  }

  /** Somebody with an account. */
  record Owner(TableFormat format, String name, TableAccount account) implements TableOwner {
    Owner(TableFormat format, String name) {
      this(format, name, new TableAccount(format));
    }
  }
}
