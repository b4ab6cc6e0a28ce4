package dev.memdesc.bench.fragments;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.TableAccount;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.bench.policy.Policy;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.memory.TableMemoryParts;

/** Table memory of one policy with an owner, and what it takes from the page allocator. */
public final class PolicyMachine implements AutoCloseable {
  /** More than any workload takes; pages that nobody touches cost nothing. */
  private static final long MEMORY_BYTES = 64L << 30;

  private final PhysicalMemory memory;
  private final PageAllocator allocator;
  private final TableMemory tables;
  private final Owner owner;

  /**
   * Nothing allocated.
   *
   * @param rcu says when deferred tables may be used again
   */
  public PolicyMachine(Policy policy, Sharing sharing, Rcu rcu) {
    TableFormat format = sharing.format();
    this.memory = PhysicalMemory.anonymous(0, MEMORY_BYTES, format.frameLg2());
    DescriptorMap descriptors = new DescriptorMap(memory);
    this.allocator = new BuddyPageAllocator(memory, descriptors, 1);
    this.tables =
        policy.create(
            new TableMemoryParts(
                format, memory, allocator, descriptors, 1, rcu, TableDescriptor::new));
    this.owner = new Owner(format, new TableAccount(format));
  }

  /** A table of level 0. */
  public TableDescriptor allocate() {
    return tables.allocate(owner, 0, PageAllocator.ANY_NODE);
  }

  /** Frees a table that was never hooked. */
  public void free(TableDescriptor table) {
    tables.free(table);
  }

  /** Frees a table as one that a walker may be inside. */
  public void freeDeferred(TableDescriptor table) {
    table.become(TableState.ALLOCATED, TableState.HOOKED);
    table.kill();
    table.becomeAlone(TableState.DEAD, TableState.UNHOOKED);
    table.becomeAlone(TableState.UNHOOKED, TableState.FLUSHED);
    tables.freeDeferred(table);
  }

  /** The owner exits. */
  public void closeOwner() {
    tables.close(owner);
  }

  /** Bytes of pages that the policy has from the page allocator. */
  public long pageBytes() {
    return allocator.allocatedBytes();
  }

  /** Bytes of tables that are handed out or wait for a grace period. */
  public long tableBytes() {
    return tables.allocatedBytes(0);
  }

  /** A word of a table. */
  public long word(TableDescriptor table, int index) {
    return memory.loadAcquire(table.pa() + index * 8L);
  }

  /** Stores a word of a table. */
  public void setWord(TableDescriptor table, int index, long word) {
    memory.storeRelease(table.pa() + index * 8L, word);
  }

  /** What the owner's tables cost. */
  public TableAccount account() {
    return owner.account();
  }

  /** Gives back what is kept for re-use. */
  public void trim() {
    tables.trim();
  }

  @Override
  public void close() {
    memory.close();
  }

  private record Owner(TableFormat format, TableAccount account) implements TableOwner {
    @Override
    public String name() {
      return "bench";
    }
  }
}
