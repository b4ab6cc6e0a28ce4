package dev.memdesc.core.memory;

import static dev.memdesc.core.memory.BuddyMachine.ANY;
import static dev.memdesc.core.memory.BuddyMachine.MAX_ORDER;
import static dev.memdesc.core.memory.BuddyMachine.NO_LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.PageAllocator.NodeStatistics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BuddyPageAllocatorTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void everyBlockIsAlignedToItsSizeAndAllOfMemoryIsHandedOut(int order) {
    BuddyMachine machine = new BuddyMachine(0, 8192, 1);
    List<Long> blocks = machine.allocateAll(order);
    assertThat(blocks).hasSize(8192 >> order).doesNotHaveDuplicates();
    assertThat(blocks).allMatch(pa -> pa % (4096L << order) == 0 && pa >= 0 && pa < 8192L << 12);
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(8192L << 12);
    assertThat(machine.freeFrames()).isZero();
    Collections.reverse(blocks);
    machine.freeAll(blocks, order);
    machine.checkAsAtStart();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 10})
  void lowAddressesComeFirst(int order) {
    BuddyMachine machine = new BuddyMachine(1024, 4096, 1);
    List<Long> expected = new ArrayList<>();
    for (int i = 0; i < 4096 >> order; i++) {
      expected.add((1024L + ((long) i << order)) << 12);
    }
    assertThat(machine.allocateAll(order)).isEqualTo(expected);
  }

  @Test
  void memoryThatWasNeverTouchedCountsAsFreeAndNeedsNoDescriptors() {
    BuddyMachine machine = new BuddyMachine(0, 1 << 24, 2);
    for (NodeStatistics node : machine.allocator.statistics()) {
      assertThat(node.frames()).isEqualTo(1 << 23);
      assertThat(node.freeBlocks()).containsExactly(0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 8192L);
    }
    assertThat(machine.freeFrames()).isEqualTo(1 << 24);
    long pa = machine.allocate(3);
    assertThat(machine.freeFrames()).isEqualTo((1 << 24) - 8);
    machine.allocator.free(pa, 3);
    assertThat(machine.descriptors.get(5000L << 12)).isNull();
    machine.checkAsAtStart();
  }

  @Test
  void statisticsAreThoseOfAHalvedBlock() {
    BuddyMachine machine = new BuddyMachine(0, 1024, 1);
    long pa = machine.allocate(3);
    assertThat(machine.allocator.statistics())
        .containsExactly(
            new NodeStatistics(0, 1024, List.of(0L, 0L, 0L, 1L, 1L, 1L, 1L, 1L, 1L, 1L, 0L)));
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(8 << 12);
    machine.allocator.free(pa, 3);
    machine.checkAsAtStart();
  }

  @Test
  void framesInCachesCountAsFreeSingleFrames() {
    BuddyMachine machine = new BuddyMachine(0, 1024, 1);
    long pa = machine.allocate(0);
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(4096);
    assertThat(machine.freeFrames()).isEqualTo(1023);
    machine.allocator.free(pa, 0);
    assertThat(machine.allocator.allocatedBytes()).isZero();
    assertThat(machine.allocator.statistics().getFirst().freeBlocks().getFirst())
        .as("the cache has the frame back")
        .isPositive();
    assertThat(machine.freeFrames()).isEqualTo(1024);
    machine.checkAsAtStart();
  }

  @Test
  void blocksLieBelowTheLimitToTheByte() {
    BuddyMachine machine = new BuddyMachine(0, 4096, 1);
    long limit = 16 << 12;
    List<Long> low = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      low.add(machine.allocator.allocate(2, ANY, limit));
    }
    assertThat(low).containsExactlyInAnyOrder(0L, 4L << 12, 8L << 12, 12L << 12);
    outOfMemory(() -> machine.allocator.allocate(2, ANY, limit));
    outOfMemory(() -> machine.allocator.allocate(0, ANY, limit));
    outOfMemory(() -> machine.allocator.allocate(0, ANY, 0));
    machine.allocator.free(8L << 12, 2);
    outOfMemory(() -> machine.allocator.allocate(2, ANY, (12L << 12) - 1));
    assertThat(machine.allocator.allocate(2, ANY, 12L << 12)).isEqualTo(8L << 12);
    machine.freeAll(low, 2);
    machine.checkAsAtStart();
  }

  @Test
  void framesBelowTheLimitAreTakenBackFromCaches() {
    BuddyMachine machine = new BuddyMachine(0, 64, 1);
    List<Long> all = machine.allocateAll(0);
    machine.allocator.free(0, 0);
    assertThat(machine.allocator.allocate(0, ANY, 4096)).isZero();
    machine.freeAll(all, 0);
    machine.checkAsAtStart();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "3, 0", "0, 1", "10, 1", "0, 2", "3, 2"})
  void theNodeThatIsWantedIsUsedUntilItIsFullThenTheOthers(int order, int node) {
    BuddyMachine machine = new BuddyMachine(0, 3 * 2048, 3);
    List<Long> blocks = new ArrayList<>();
    for (int n = 0; n < 3; n++) {
      for (int i = 0; i < 2048 >> order; i++) {
        long pa = machine.allocator.allocate(order, node, NO_LIMIT);
        assertThat(machine.allocator.nodeOf(pa)).isEqualTo((node + n) % 3);
        assertThat(pa >>> 23).as("2048 frames a node").isEqualTo((node + n) % 3);
        blocks.add(pa);
      }
    }
    outOfMemory(() -> machine.allocator.allocate(order, node, NO_LIMIT));
    machine.freeAll(blocks, order);
    machine.checkAsAtStart();
  }

  @Test
  void blocksOfDifferentNodesDoNotMerge() {
    // Frame 6 begins node 1; in a machine of one node, frames 4 to 7 would be one block.
    BuddyMachine machine = new BuddyMachine(0, 12, 2);
    long low = machine.allocator.allocate(1, 0, NO_LIMIT);
    long middle = machine.allocator.allocate(1, 0, NO_LIMIT);
    long high = machine.allocator.allocate(1, 0, NO_LIMIT);
    assertThat(List.of(low, middle, high)).containsExactly(0L, 2L << 12, 4L << 12);
    long other = machine.allocator.allocate(1, 1, NO_LIMIT);
    assertThat(other).isEqualTo(6L << 12);
    machine.allocator.free(other, 1);
    machine.allocator.free(high, 1);
    machine.allocator.free(low, 1);
    machine.allocator.free(middle, 1);
    machine.checkAsAtStart();
  }

  @Test
  void whenMemoryIsOutAFreedBlockIsHandedOutAgain() {
    BuddyMachine machine = new BuddyMachine(0, 1024, 1);
    List<Long> all = machine.allocateAll(1);
    List<NodeStatistics> full = machine.allocator.statistics();
    PageTableException e = outOfMemory(() -> machine.allocate(1));
    assertThat(e)
        .hasMessage(
            "a free block of the order exists below the limit: order=1,"
                + " paLimit=0xffffffffffffffff, freeBytes=0; give memdesc more physical memory;"
                + " freeing blocks merges them");
    assertThat(machine.allocator.statistics()).isEqualTo(full);
    machine.allocator.free(all.get(77), 1);
    assertThat(machine.allocate(1)).isEqualTo(all.get(77));
    machine.freeAll(all, 1);
    machine.checkAsAtStart();
  }

  @Test
  void singleFramesInCachesMergeWhenALargerBlockIsWanted() {
    BuddyMachine machine = new BuddyMachine(0, 1024, 1);
    machine.freeAll(machine.allocateAll(0), 0);
    long pa = machine.allocate(MAX_ORDER);
    assertThat(pa).isZero();
    machine.allocator.free(pa, MAX_ORDER);
    machine.checkAsAtStart();
  }

  @ParameterizedTest
  @CsvSource({"-1, -1", "11, -1", "0, 2", "0, -2"})
  void anOrderOrNodeThatDoesNotExistIsRefused(int order, int node) {
    BuddyMachine machine = new BuddyMachine(0, 4096, 2);
    outOfMemory(() -> machine.allocator.allocate(order, node, NO_LIMIT));
    machine.checkAsAtStart();
  }

  private static PageTableException outOfMemory(Runnable allocate) {
    PageTableException e = catchThrowableOfType(PageTableException.class, allocate::run);
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    return e;
  }
}
