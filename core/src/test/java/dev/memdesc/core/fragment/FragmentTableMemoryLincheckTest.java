package dev.memdesc.core.fragment;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.HeapMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import dev.memdesc.core.memory.TableStates;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Model-checks the life of tables that are fragments, and of the pages that hold them. */
final class FragmentTableMemoryLincheckTest {
  private static ModelCheckingOptions options() {
    return new ModelCheckingOptions()
        // Its 30 seconds are for a quiet machine: the first invocation instruments every class.
        .invocationTimeout$lincheck(TimeUnit.MINUTES.toMillis(10))
        .threads(2)
        .actorsBefore(0)
        .actorsAfter(0)
        .minimizeFailedScenario(false)
        .invocationsPerIteration(400);
  }

  @Test
  void tablesAndPagesGoThroughTheirLives() {
    options().actorsPerThread(3).iterations(15).check(Tables.class);
  }

  @Test
  void ofTwoFreesOfOneTableOneWins() {
    options().actorsPerThread(2).iterations(3).check(OneTable.class);
  }

  /** Table memory with two tables a page, and one owner. */
  public abstract static class Machine {
    final HeapMemory memory = new HeapMemory(16, 6);
    final DescriptorMap descriptors = new DescriptorMap(memory);
    final TinyPages allocator = new TinyPages(16, 6);
    final TinyRcu rcu = new TinyRcu();
    final FragmentTableMemory tables =
        new FragmentTableMemory(
            new TableMemoryParts(
                ShapedFormats.TINY, memory, allocator, descriptors, 1, rcu, TableDescriptor::new));
    final ShapedMachine.Owner owner = new ShapedMachine.Owner(ShapedFormats.TINY, "owner");

    @SuppressWarnings("ReferenceEquality") // a descriptor is told apart by identity
    final TableDescriptor allocateTable(int level) {
      TableDescriptor table = tables.allocate(owner, level, PageAllocator.ANY_NODE);
      if (table.state() != TableState.ALLOCATED || descriptors.table(table.pa()) != table) {
        throw new IllegalStateException("a table that is handed out is ALLOCATED: " + table);
      }
      return table;
    }

    final void requireNothingLeft() {
      tables.close(owner);
      for (int i = 0; i < 3; i++) {
        rcu.pass();
      }
      tables.trim();
      if (!owner.account().isZero()
          || tables.allocatedBytes(0) != 0
          || allocator.allocatedBytes() != 0) {
        throw new IllegalStateException("something is left: " + owner.account().snapshot());
      }
    }
  }

  /** Threads allocate and free tables of both levels; level 1 is a small root. */
  @Param(name = "slot", gen = IntGen.class, conf = "0:2")
  public static final class Tables extends Machine {
    private final AtomicReferenceArray<TableDescriptor> slots = new AtomicReferenceArray<>(3);

    /** Two tables of one page to begin with. */
    public Tables() {
      slots.set(0, allocateTable(0));
      slots.set(1, allocateTable(0));
    }

    /** Slot 2 is for small roots. */
    @Operation
    public void allocate(@Param(name = "slot") int slot) {
      try {
        TableDescriptor table = allocateTable(slot / 2);
        if (!slots.compareAndSet(slot, null, table)) {
          tables.free(table);
        }
      } catch (PageTableException e) {
        if (e.reason() != Reason.CLOSED) {
          throw e;
        }
      }
    }

    /** Nobody saw it. */
    @Operation
    public void free(@Param(name = "slot") int slot) {
      TableDescriptor table = slots.getAndSet(slot, null);
      if (table != null) {
        tables.free(table);
      }
    }

    /** A walker may be inside. */
    @Operation
    public void freeDeferred(@Param(name = "slot") int slot) {
      TableDescriptor table = slots.getAndSet(slot, null);
      if (table != null) {
        TableStates.bring(table, TableState.FLUSHED);
        tables.freeDeferred(table);
      }
    }

    /** A grace period passes. */
    @Operation(nonParallelGroup = "rcu")
    public void pass() {
      rcu.pass();
    }

    /** The owner goes away. */
    @Operation
    public void close() {
      tables.close(owner);
    }

    /** Nothing leaks. */
    @Validate
    public void valid() {
      for (int slot = 0; slot < 3; slot++) {
        freeDeferred(slot);
      }
      requireNothingLeft();
    }
  }

  /** Everybody frees the same table. */
  public static final class OneTable extends Machine {
    private final TableDescriptor table = allocateTable(0);
    private boolean freed;

    /** Whether this one won. */
    @Operation
    public boolean free() {
      try {
        tables.free(table);
        freed = true;
        return true;
      } catch (PageTableException e) {
        if (e.reason() != Reason.ILLEGAL_STATE) {
          throw e;
        }
        return false;
      }
    }

    /** Nothing leaks. */
    @Validate
    public void valid() {
      if (!freed) {
        tables.free(table);
      }
      requireNothingLeft();
    }
  }
}
