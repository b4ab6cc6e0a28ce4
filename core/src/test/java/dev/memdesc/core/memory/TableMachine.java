package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.TableAccount;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.rcu.DeterministicRcu;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Table memory over a {@code long[]} that is full of garbage, and an owner of tables. */
final class TableMachine {
  static final long GARBAGE = 0xdead_beef_dead_beefL;

  final HeapMemory memory = new HeapMemory(4096, 5);
  final DescriptorMap descriptors = new DescriptorMap(memory);
  final DeterministicRcu rcu = new DeterministicRcu();
  final FaultInjectingAllocator allocator;
  final FrameTableMemory tables;
  final Owner owner;
  final AtomicInteger descriptorsMade = new AtomicInteger();

  TableMachine(TableFormat format, int nodes) {
    this(format, nodes, allocator -> allocator);
  }

  TableMachine(TableFormat format, int nodes, UnaryOperator<PageAllocator> wrap) {
    Arrays.fill(memory.words(), GARBAGE);
    PageAllocator buddy = new BuddyPageAllocator(memory, descriptors, nodes);
    this.allocator = new FaultInjectingAllocator(wrap.apply(buddy));
    this.tables =
        new FrameTableMemory(
            new TableMemoryParts(
                format,
                memory,
                allocator,
                descriptors,
                nodes,
                rcu,
                () -> {
                  descriptorsMade.getAndIncrement();
                  return new TableDescriptor();
                }));
    this.owner = new Owner(format);
  }

  TableDescriptor allocate(int level) {
    return tables.allocate(owner, level, PageAllocator.ANY_NODE);
  }

  /** Takes a table through its life, to where table memory may have it back. */
  void free(TableDescriptor table) {
    table.become(TableState.ALLOCATED, TableState.HOOKED);
    table.become(TableState.HOOKED, TableState.DEAD);
    table.become(TableState.DEAD, TableState.UNHOOKED);
    table.become(TableState.UNHOOKED, TableState.FLUSHED);
    table.become(TableState.FLUSHED, TableState.WAITING);
    tables.free(table);
  }

  /** A grace period passes. */
  void pass() {
    rcu.advance();
    rcu.runCallbacks();
  }

  /** A word of a table. */
  long word(TableDescriptor table, int index) {
    return memory.loadAcquire(table.pa() + index * 8L);
  }

  void setWord(TableDescriptor table, int index, long word) {
    memory.storeRelease(table.pa() + index * 8L, word);
  }

  /** Fails unless every counter is 0 and, once nothing is kept, every frame is free. */
  void checkNothingLeft(int nodes) {
    assertThat(owner.account().isZero()).as("account").isTrue();
    for (int node = 0; node < nodes; node++) {
      assertThat(tables.allocatedBytes(node)).as("bytes of node %d", node).isZero();
    }
    tables.trim();
    assertThat(allocator.allocatedBytes()).as("bytes of frames").isZero();
    for (long pa = 0; pa < memory.bytes(); pa += 32) {
      assertThat(descriptors.get(pa) instanceof TableDescriptor).as("table at %d", pa).isFalse();
    }
  }

  /** Somebody with an account. */
  static final class Owner implements TableOwner {
    private final TableFormat format;
    private final TableAccount account;

    Owner(TableFormat format) {
      this.format = format;
      this.account = new TableAccount(format);
    }

    @Override
    public String name() {
      return "owner";
    }

    @Override
    public TableFormat format() {
      return format;
    }

    @Override
    public TableAccount account() {
      return account;
    }
  }
}
