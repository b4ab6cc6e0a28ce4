package dev.memdesc.core.memory;

import static dev.memdesc.core.memory.BuddyMachine.ANY;
import static dev.memdesc.core.memory.BuddyMachine.NO_LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The two allocators that exist for tests. */
final class TestAllocatorsTest {
  private final BuddyMachine machine = new BuddyMachine(0, 1024, 2);
  private final FaultInjectingAllocator faults = new FaultInjectingAllocator(machine.allocator);

  @Test
  void nothingFailsUntilItIsTold() {
    List<Long> blocks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      blocks.add(faults.allocate(0, ANY, NO_LIMIT));
    }
    blocks.forEach(pa -> faults.free(pa, 0));
    machine.checkAsAtStart();
  }

  @Test
  void theNthAllocationFailsOnceAndTakesNothing() {
    for (int n = 1; n <= 5; n++) {
      faults.failNth(n);
      List<Long> blocks = new ArrayList<>();
      for (int i = 1; i <= 8; i++) {
        if (i == n) {
          long before = machine.allocator.allocatedBytes();
          PageTableException e = refused(Reason.OUT_OF_MEMORY, () -> allocate(1));
          assertThat(e).hasMessage("the injected fault is not due: order=1");
          assertThat(machine.allocator.allocatedBytes()).isEqualTo(before);
        } else {
          blocks.add(allocate(1));
        }
      }
      blocks.forEach(pa -> faults.free(pa, 1));
    }
    machine.checkAsAtStart();
  }

  @Test
  void theSameSeedFailsTheSameAllocations() {
    List<Boolean> first = pattern(0.3, 42);
    assertThat(pattern(0.3, 42)).isEqualTo(first);
    assertThat(pattern(0.3, 43)).isNotEqualTo(first);
    // With 1000 draws, 100 to 600 of them is more than ten standard deviations wide on each side.
    assertThat(first.stream().filter(failed -> failed).count()).isBetween(100L, 600L);
    assertThat(pattern(1, 1)).doesNotContain(false);
    assertThat(pattern(0, 1)).doesNotContain(true);
    machine.checkAsAtStart();
  }

  private List<Boolean> pattern(double probability, long seed) {
    faults.failWithProbability(probability, seed);
    List<Boolean> failed = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      try {
        faults.free(allocate(0), 0);
        failed.add(false);
      } catch (PageTableException e) {
        assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        failed.add(true);
      }
    }
    faults.failWithProbability(0, 0);
    return failed;
  }

  private long allocate(int order) {
    return faults.allocate(order, ANY, NO_LIMIT);
  }

  @Test
  void everythingElseIsTheDelegates() {
    long pa = faults.allocate(2, 1, NO_LIMIT);
    assertThat(pa).isEqualTo(512L << 12);
    assertThat(faults.nodeOf(pa)).isEqualTo(1);
    assertThat(faults.allocatedBytes()).isEqualTo(4 << 12);
    assertThat(faults.statistics()).isEqualTo(machine.allocator.statistics());
    assertThat(faults.allocate(0, ANY, 4096)).isZero();
    faults.free(0, 0);
    faults.free(pa, 2);
    machine.checkAsAtStart();
  }

  @Test
  void aScriptIsFollowedToItsEnd() {
    ScriptedAllocator script = new ScriptedAllocator(12, 0x5000, 0x1000, 0x8000);
    assertThat(script.allocate(0, ANY, NO_LIMIT)).isEqualTo(0x5000);
    assertThat(script.allocate(0, 7, NO_LIMIT)).isEqualTo(0x1000);
    assertThat(script.allocate(1, ANY, NO_LIMIT)).isEqualTo(0x8000);
    assertThat(script.allocatedBytes()).isEqualTo(4 * 4096);
    assertThat(script.nodeOf(0x8000)).isZero();
    assertThat(script.statistics()).isEmpty();
    PageTableException e = refused(Reason.OUT_OF_MEMORY, () -> script.allocate(0, ANY, NO_LIMIT));
    assertThat(e).hasMessageStartingWith("the script has another block: order=0");
  }

  @Test
  void aScriptedBlockThatDoesNotFitBelowTheLimitStaysInTheScript() {
    ScriptedAllocator script = new ScriptedAllocator(12, 0x8000);
    refused(Reason.OUT_OF_MEMORY, () -> script.allocate(0, ANY, 0x8000));
    refused(Reason.OUT_OF_MEMORY, () -> script.allocate(1, ANY, 0x9000));
    assertThat(script.allocatedBytes()).isZero();
    assertThat(script.allocate(1, ANY, 0xa000)).isEqualTo(0x8000);
  }

  @Test
  void aScriptedBlockIsFreedOnceAndWithItsOrder() {
    ScriptedAllocator script = new ScriptedAllocator(12, 0x8000);
    assertThat(script.allocate(1, ANY, NO_LIMIT)).isEqualTo(0x8000);
    assertThat(refused(Reason.ILLEGAL_STATE, () -> script.free(0x8000, 0)))
        .hasMessage(
            "a block that is freed is allocated: pa=0x0000000000008000, order=0, found=order 1");
    assertThatCode(() -> script.free(0x8000, 1)).doesNotThrowAnyException();
    assertThat(script.allocatedBytes()).isZero();
    assertThat(refused(Reason.ILLEGAL_STATE, () -> script.free(0x8000, 1)))
        .hasMessageEndingWith("found=nothing");
    refused(Reason.ILLEGAL_STATE, () -> script.free(0x1000, 0));
  }

  private static PageTableException refused(Reason reason, Runnable call) {
    PageTableException e = catchThrowableOfType(PageTableException.class, call::run);
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(reason);
    return e;
  }
}
