package dev.memdesc.core.memory;

import static dev.memdesc.core.memory.BuddyMachine.MAX_ORDER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.memory.PageAllocator.NodeStatistics;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frees that are refused, each with its reason, and that change nothing. */
final class BuddyFreeErrorsTest {
  private final BuddyMachine machine = new BuddyMachine(1024, 4096, 2);

  @AfterEach
  void nothingIsLeftAllocated() {
    machine.checkAsAtStart();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 10})
  void aDoubleFree(int order) {
    long pa = machine.allocate(order);
    machine.allocator.free(pa, order);
    refused(Reason.ILLEGAL_STATE, "found=free, needed=allocated", pa, order);
  }

  @Test
  void aDoubleFreeWhileNeighboursAreAllocated() {
    List<Long> all = machine.allocateAll(1);
    machine.allocator.free(all.get(10), 1);
    refused(Reason.ILLEGAL_STATE, "found=free", all.get(10), 1);
    refused(Reason.ILLEGAL_STATE, "found=free", all.get(10), 0);
    machine.allocator.free(all.get(11), 1);
    refused(Reason.ILLEGAL_STATE, "found=free", all.get(10), 2);
    for (int i = 0; i < all.size(); i++) {
      if (i != 10 && i != 11) {
        machine.allocator.free(all.get(i), 1);
      }
    }
  }

  @Test
  void aFrameInACache() {
    long pa = machine.allocate(0);
    // Those that were taken with it are in the cache of this thread.
    refused(Reason.ILLEGAL_STATE, "found=free", pa + 4096, 0);
    refused(Reason.ILLEGAL_STATE, "found=free", pa, 1);
    machine.allocator.free(pa, 0);
  }

  @Test
  void aPartOfAFreeBlock() {
    long pa = machine.allocate(4);
    machine.allocator.free(pa, 4);
    for (int order = 0; order < MAX_ORDER; order++) {
      refused(Reason.ILLEGAL_STATE, "found=free", pa, order);
      refused(Reason.ILLEGAL_STATE, "found=free", pa + (4096L << order), order);
    }
  }

  @Test
  void aBlockOfWhichAPartIsFree() {
    long first = machine.allocate(3);
    long second = machine.allocate(3);
    assertThat(second).isEqualTo(first + (8 << 12));
    machine.allocator.free(second, 3);
    refused(Reason.ILLEGAL_STATE, "found=free", first, 4);
    machine.allocator.free(first, 3);
  }

  @ParameterizedTest
  @CsvSource({"1024, 0", "1024, 10", "2048, 10", "5119, 0", "3072, 3"})
  void aBlockThatWasNeverAllocated(long frame, int order) {
    refused(Reason.ILLEGAL_STATE, "found=never allocated", frame << 12, order);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2048, 0", "4096, 1", "12288, 2", "-4096, 1"})
  void aBlockThatIsNotAlignedToItsSize(long offset, int order) {
    long pa = machine.allocate(MAX_ORDER);
    refused(Reason.MISALIGNED, "a block is aligned to its size", pa + offset, order);
    machine.allocator.free(pa, MAX_ORDER);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 11, 64})
  void anOrderThatDoesNotExist(int order) {
    long pa = machine.allocate(0);
    refused(Reason.MISALIGNED, "with an order up to 10", pa, order);
    machine.allocator.free(pa, 0);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1023, 0", "5120, 0", "5120, 10", "0, 10", "9007199254740991, 0"})
  void aBlockOfOtherMemory(long frame, int order) {
    PageTableException e =
        refused(Reason.FOREIGN, "a pa lies in the allocator's memory", frame << 12, order);
    assertThat(e).hasMessageEndingWith("firstPa=0x0000000000400000, lastPa=0x00000000013fffff");
  }

  @Test
  void aFrameThatIsStillDescribed() {
    long pa = machine.allocate(2);
    TableDescriptor table = new TableDescriptor();
    table.bind(pa, 0);
    machine.descriptors.set(pa, table);
    refused(Reason.ILLEGAL_STATE, "found=described by " + table, pa, 2);
    refused(Reason.ILLEGAL_STATE, "found=described by " + table, pa, 0);
    machine.descriptors.set(pa, null);
    machine.allocator.free(pa, 2);
  }

  private PageTableException refused(Reason reason, String text, long pa, int order) {
    List<NodeStatistics> before = machine.allocator.statistics();
    long allocated = machine.allocator.allocatedBytes();
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.allocator.free(pa, order));
    assertThat(e).as("free of %s, order %d", Hex.of(pa), order).isNotNull();
    assertThat(e.reason()).isEqualTo(reason);
    assertThat(e).hasMessageContaining(text).hasMessageContaining("pa=" + Hex.of(pa));
    assertThat(machine.allocator.statistics()).isEqualTo(before);
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(allocated);
    return e;
  }
}
