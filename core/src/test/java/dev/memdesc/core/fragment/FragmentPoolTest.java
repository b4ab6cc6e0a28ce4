package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentLayout.Contents;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import dev.memdesc.api.memory.PageAllocator;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pool does with its pages, one thread and grace periods by hand. */
final class FragmentPoolTest {
  private static FragmentLayout layout(int fragments) {
    return FragmentLayout.of(16, 16 * fragments).filledWith(0x400);
  }

  private static int frameLg2(int fragments) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(16 * fragments - 1);
  }

  private static PoolMachine machine(int fragments) {
    return new PoolMachine(16, frameLg2(fragments), layout(fragments));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 16, 63, 64, 65, 256, 4096})
  void everyFragmentOfAPageIsHandedOutOnceAndThePageGoesBackWithTheLast(int n) {
    PoolMachine machine = machine(n);
    Set<Long> live = new HashSet<>();
    for (int i = 0; i < n; i++) {
      long pa = machine.pool.allocate();
      assertThat(pa % 16).isZero();
      assertThat(live.add(pa)).as("0x%x is new", pa).isTrue();
      assertThat(machine.memory.loadAcquire(pa)).isEqualTo(0x400);
      assertThat(machine.memory.loadAcquire(pa + 8)).isEqualTo(0x400);
    }
    assertThat(machine.pool.counts().pages()).isEqualTo(1);
    long other = machine.pool.allocate();
    assertThat(machine.pool.counts().pages()).isEqualTo(2);
    machine.pool.free(other);
    machine.pool.trim();
    assertThat(machine.pool.counts().pages()).isEqualTo(1);
    assertThat(machine.pool.counts().listedPages()).as("all used: on no list").isZero();
    int left = n;
    for (long pa : live) {
      assertThat(machine.pool.counts().pages()).isEqualTo(1);
      machine.pool.free(pa);
      left--;
      assertThat(machine.pool.counts().listedPages())
          .as("some free: on the list; all free: gone; left=%d", left)
          .isEqualTo(left > 0 ? 1 : 0);
    }
    assertThat(machine.pool.counts().pages()).isZero();
    assertThat(machine.allocator.allocatedBytes()).isZero();
    machine.checkNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 64, 256})
  void aDeferredFragmentIsNotUsedAgainBeforeAFullGracePeriod(int n) {
    PoolMachine machine = machine(n);
    List<Long> live = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      live.add(machine.pool.allocate());
    }
    long first = live.get(0);
    long second = live.get(1);
    machine.pool.freeDeferred(first);
    machine.rcu.advance();
    // The first grace period is over, its callback has not run: this one is too late for it.
    machine.pool.freeDeferred(second);
    assertThat(machine.rcu.statistics().backlog()).as("one head a page").isEqualTo(1);
    machine.rcu.runCallbacks();
    assertThat(machine.pool.allocate()).isEqualTo(first);
    assertThat(machine.pool.counts().pages()).isEqualTo(1);
    long other = machine.pool.allocate();
    assertThat(machine.pool.counts().pages()).as("the second still waits").isEqualTo(2);
    machine.pool.free(other);
    machine.pool.trim();
    machine.pass();
    assertThat(machine.pool.allocate()).isEqualTo(second);
    live.forEach(machine.pool::freeDeferred);
    machine.pass();
    machine.pass();
    machine.checkNothingLeft();
  }

  @Test
  void aPageWithAPendingFragmentGoesBackOnlyAfterTheGracePeriod() {
    PoolMachine machine = machine(2);
    long one = machine.pool.allocate();
    long two = machine.pool.allocate();
    machine.pool.trim();
    machine.pool.freeDeferred(one);
    machine.pool.free(two);
    assertThat(machine.pool.counts().pages()).isEqualTo(1);
    assertThat(machine.pool.counts().listedPages()).isEqualTo(1);
    machine.pass();
    assertThat(machine.pool.counts().pages()).isZero();
    machine.checkNothingLeft();
  }

  @Test
  void theOwnerMayCloseWithFreesPendingAndFragmentsOut() {
    PoolMachine machine = machine(4);
    long waiting = machine.pool.allocate();
    long live = machine.pool.allocate();
    machine.pool.freeDeferred(waiting);
    machine.pool.close();
    machine.pool.close();
    assertThat(machine.pool.counts().pages()).isEqualTo(1);
    machine.pass();
    machine.pool.freeDeferred(live);
    machine.pass();
    assertThat(machine.pool.counts().pages()).isZero();
    machine.checkNothingLeft();
  }

  @Test
  void aHandleHasAPageOfItsOwnAndGivesItBack() {
    PoolMachine machine = machine(4);
    long any = machine.pool.allocate();
    FragmentHandle handle = machine.pool.register();
    FragmentHandle other = machine.pool.register();
    long mine = handle.allocate();
    assertThat(mine >>> 6).as("another page").isNotEqualTo(any >>> 6);
    assertThat(other.allocate() >>> 6).isNotEqualTo(mine >>> 6);
    assertThat(machine.pool.counts().heldPages()).isEqualTo(3);
    handle.free(mine);
    assertThat(handle.allocate()).as("its own page, its first fragment").isEqualTo(mine);
    other.free(mine);
    handle.free(any);
    assertThat(handle.allocate()).as("what others freed comes last").isEqualTo(mine + 16);
    handle.close();
    handle.close();
    assertThat(machine.pool.counts().heldPages()).isEqualTo(2);
    assertThat(machine.pool.counts().listedPages()).isEqualTo(1);
    handle.free(mine + 16);
    other.close();
    assertThat(machine.pool.counts().pages())
        .as("one has a fragment out, one is held")
        .isEqualTo(2);
    machine.pool.free(2 * 64);
    machine.checkNothingLeft();
  }

  @Test
  void theHolderTakesOverWhatOthersFreedBeforeItTakesANewPage() {
    PoolMachine machine = machine(4);
    try (FragmentHandle handle = machine.pool.register()) {
      List<Long> live = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        live.add(handle.allocate());
      }
      machine.pool.free(live.get(2));
      handle.freeDeferred(live.get(0));
      machine.pass();
      assertThat(List.of(handle.allocate(), handle.allocate()))
          .containsExactly(live.get(0), live.get(2));
      assertThat(machine.pool.counts().pages()).isEqualTo(1);
      live.forEach(handle::free);
    }
    machine.checkNothingLeft();
  }

  @Test
  void thePageOfAThreadThatEndedIsUsedBeforeANewOne() throws InterruptedException {
    PoolMachine machine = machine(4);
    long[] got = new long[1];
    Thread thread = Thread.ofPlatform().start(() -> got[0] = machine.pool.register().allocate());
    thread.join();
    assertThat(machine.pool.counts().heldPages()).isEqualTo(1);
    assertThat(machine.pool.allocate()).as("of the same page").isEqualTo(got[0] + 16);
    assertThat(machine.pool.counts().pages()).isEqualTo(1);
    machine.pool.free(got[0]);
    machine.pool.free(got[0] + 16);
    machine.checkNothingLeft();
  }

  @Test
  void aKnownEmptyFragmentIsNotFilledAgainAndAnotherIs() {
    FragmentLayout layout =
        new FragmentLayout(
            32,
            3,
            1,
            PageAllocator.ANY_NODE,
            PageAllocator.NO_LIMIT,
            new Contents(0x20, 16, 0),
            PageChoice.NEWEST_FIRST);
    PoolMachine machine = new PoolMachine(8, 6, layout);
    long pa = machine.pool.allocate();
    assertThat(machine.pool.allocate()).isEqualTo(pa + 32);
    assertThat(machine.pool.allocate()).as("over the border of a frame").isEqualTo(pa + 64);
    for (int offset = 0; offset < 96; offset += 8) {
      assertThat(machine.memory.loadAcquire(pa + offset)).isEqualTo((offset & 16) == 0 ? 0x20 : 0);
    }
    assertThat(machine.memory.loadAcquire(pa + 96)).as("the rest").isEqualTo(PoolMachine.GARBAGE);
    machine.memory.storeRelease(pa + 8, 1);
    machine.pool.free(pa);
    assertThat(machine.pool.allocate()).isEqualTo(pa);
    assertThat(machine.memory.loadAcquire(pa + 8)).isEqualTo(0x20);
    // One that says it is empty and is not: the check of debug builds notices.
    machine.memory.storeRelease(pa + 24, 1);
    machine.pool.freeEmpty(pa);
    assertThatThrownBy(machine.pool::allocate)
        .isInstanceOf(AssertionError.class)
        .hasMessage("a known-empty fragment is not empty: 0x0000000000000000");
  }

  @Test
  void theFullestPageIsUsedFirstIfThatIsAskedFor() {
    for (PageChoice choice : PageChoice.values()) {
      PoolMachine machine = new PoolMachine(16, 6, layout(4).choosing(choice));
      List<Long> live = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        live.add(machine.pool.allocate());
      }
      machine.pool.trim();
      machine.pool.free(live.get(0));
      machine.pool.free(live.get(4));
      machine.pool.free(live.get(5));
      machine.pool.free(live.get(6));
      assertThat(machine.pool.counts().listedPages()).isEqualTo(2);
      long next = machine.pool.allocate();
      assertThat(next).isEqualTo(choice == PageChoice.FULLEST_FIRST ? live.get(0) : live.get(4));
      machine.pool.free(next);
      for (int i : new int[] {1, 2, 3, 7}) {
        machine.pool.free(live.get(i));
      }
      machine.checkNothingLeft();
    }
  }

  @Test
  void steadyUseAllocatesNothingOnTheHeap() {
    PoolMachine machine = machine(64);
    ThreadMXBean meter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] live = new long[100];
    try (FragmentHandle handle = machine.pool.register()) {
      long bytes = Long.MAX_VALUE;
      // The least of many rounds: the compiler moves allocations about.
      for (int round = 0; round < 50; round++) {
        long before = meter.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < live.length; i++) {
          live[i] = handle.allocate();
        }
        for (int i = 0; i < live.length; i++) {
          long pa = live[i * 37 % live.length];
          if ((i & 1) == 0) {
            handle.free(pa);
          } else {
            handle.freeDeferred(pa);
          }
        }
        machine.rcu.advance();
        machine.rcu.runCallbacks();
        bytes = Math.min(bytes, meter.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(bytes).isZero();
    }
    machine.checkNothingLeft();
  }
}
