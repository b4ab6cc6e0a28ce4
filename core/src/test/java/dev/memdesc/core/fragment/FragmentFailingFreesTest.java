package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FailingFrees;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import dev.memdesc.core.memory.TableStates;
import dev.memdesc.core.rcu.DeterministicRcu;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Lists of fragments and pools finish, whatever a plugin's allocator throws. */
final class FragmentFailingFreesTest {
  private static final int TABLES = 104;

  private final PhysicalMemory memory = PhysicalMemory.anonymous(0, 1L << 24, 12);
  private final DescriptorMap descriptors = new DescriptorMap(memory);
  private final PageAllocator allocator =
      new FailingFrees(new BuddyPageAllocator(memory, descriptors, 1));
  private final DeterministicRcu rcu = new DeterministicRcu();
  private final FragmentTableMemory tables =
      new FragmentTableMemory(
          new TableMemoryParts(
              ShapedFormats.S390, memory, allocator, descriptors, 1, rcu, TableDescriptor::new));
  private final ShapedMachine.Owner owner = new ShapedMachine.Owner(ShapedFormats.S390, "owner");

  private TableDescriptor allocate(int level) {
    return tables.allocate(owner, level, PageAllocator.ANY_NODE);
  }

  private static void fails(ThrowingCallable call) {
    assertThat(catchThrowableOfType(UnsupportedOperationException.class, call)).isNotNull();
  }

  @Test
  void everyTableOfAListIsFree() {
    TableDescriptor first = null;
    for (int i = 0; i < TABLES; i++) {
      TableDescriptor table = allocate(i % 2);
      TableStates.bring(table, TableState.WAITING);
      table.setNext(first);
      first = table;
    }
    TableDescriptor list = first;
    fails(() -> tables.freeAll(list));
    assertThat(owner.account().isZero()).isTrue();
    fails(() -> tables.close(owner));
    fails(tables::trim);
    assertThat(allocator.allocatedBytes()).isZero();
  }

  @Test
  void everyPoolOfAnOwnerIsClosed() {
    for (int level = 0; level < 2; level++) {
      TableDescriptor kept = allocate(level);
      tables.free(kept);
    }
    TableDescriptor root = allocate(ShapedFormats.S390.rootLevel());
    tables.free(root);
    fails(() -> tables.close(owner));
    fails(tables::trim);
    assertThat(owner.account().isZero()).isTrue();
    assertThat(allocator.allocatedBytes()).isZero();
  }
}
