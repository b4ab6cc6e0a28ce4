package dev.memdesc.bench.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.core.memory.HeapMemory;
import org.junit.jupiter.api.Test;

/** What tells the policies apart, step by step, as it is described. */
final class PoolsTest {
  private static final long EMPTY = 0x400;

  private static PoolMachine bump(BumpPool.Exit exit) {
    return new PoolMachine(host -> new BumpPool(host, 4, 16, exit));
  }

  private static PoolMachine halves() {
    return new PoolMachine(host -> new HalvesPool(host, 32, HalvesPool.Release.TWO_STEPS));
  }

  @Test
  void bumpNeverHandsOutAFragmentAgain() {
    PoolMachine machine = bump(BumpPool.Exit.CLEARS_ACTIVE_MARK);
    Fragment first = machine.allocate();
    machine.free(first);
    assertThat(machine.allocate().pa()).isEqualTo(16);
    machine.free(machine.allocate());
    machine.free(machine.allocate());
    assertThat(machine.allocate().page().pa()).as("the next page").isEqualTo(64);
    assertThat(machine.pagesHeld()).as("for one table each").isEqualTo(2);
  }

  @Test
  void bumpWaitsForAGracePeriodWhenTheLastOneGoes() {
    PoolMachine machine = bump(BumpPool.Exit.CLEARS_ACTIVE_MARK);
    Fragment first = machine.allocate();
    Fragment second = machine.allocate();
    Fragment third = machine.allocate();
    Fragment fourth = machine.allocate();
    machine.freeDeferred(first);
    machine.free(second);
    machine.free(third);
    assertThat(machine.waiting()).as("no grace period yet").isZero();
    machine.free(fourth);
    assertThat(machine.waiting()).isEqualTo(1);
    assertThat(machine.pagesHeld()).isEqualTo(1);
    machine.gracePeriod();
    assertThat(machine.pagesHeld()).isZero();
    machine.check();
  }

  @Test
  void bumpThatLosesTheRaceUsesAPageForOneFragment() {
    // Another thread installs a cursor between this one's look at it and its new page.
    PoolMachine[] other = new PoolMachine[1];
    Fragment[] others = new Fragment[1];
    PoolMachine machine =
        new PoolMachine(host -> new BumpPool(host, 4, 16, BumpPool.Exit.CLEARS_ACTIVE_MARK)) {
          @Override
          public synchronized long takePage(int node) {
            if (others[0] == null && other[0] != null) {
              PoolMachine same = other[0];
              other[0] = null;
              others[0] = same.allocate();
            }
            return super.takePage(node);
          }
        };
    other[0] = machine;
    Fragment lost = machine.allocate();
    assertThat(machine.pagesHeld()).isEqualTo(2);
    assertThat(machine.allocate().page()).as("the winner's").isSameAs(others[0].page());
    machine.free(lost);
    assertThat(machine.pagesHeld()).as("it was the only one of its page").isEqualTo(1);
    machine.check();
  }

  @Test
  void bumpGivesThePageOfItsCursorBackWhenTheOwnerExits() {
    PoolMachine machine = bump(BumpPool.Exit.CLEARS_ACTIVE_MARK);
    machine.freeDeferred(machine.allocate());
    assertThat(machine.pagesHeld()).isEqualTo(1);
    machine.exit();
    assertThat(machine.pagesHeld()).isZero();
    machine.check();
  }

  @Test
  void bumpBeforeMarch2026LeavesTheMarkOnIt() {
    PoolMachine machine = bump(BumpPool.Exit.KEEPS_ACTIVE_MARK);
    machine.freeDeferred(machine.allocate());
    machine.exit();
    assertThatThrownBy(machine::check)
        .isInstanceOf(PageTableException.class)
        .hasMessageContaining("flags=active");
  }

  @Test
  void halvesAreUsedAgainAfterAGracePeriodAndNotBefore() {
    PoolMachine machine = halves();
    machine.allocate();
    Fragment second = machine.allocate();
    machine.freeDeferred(second);
    assertThat(machine.allocate().page()).as("another page").isNotSameAs(second.page());
    machine.gracePeriod();
    machine.allocate();
    assertThat(machine.allocate()).as("the half that waited").isSameAs(second);
    assertThat(machine.pagesTaken()).isEqualTo(2);
    machine.check();
  }

  @Test
  void halvesLookAtTheFirstPageOfTheListOnly() {
    PoolMachine machine = halves();
    machine.allocate();
    final Fragment pending = machine.allocate();
    machine.allocate();
    final Fragment free = machine.allocate();
    machine.freeDeferred(pending);
    machine.freeDeferred(free);
    // Another processor's batch ends first.
    machine.reclaimLast();
    Fragment next = machine.allocate();
    assertThat(next.page().pa()).as("a new page though the second has a half").isEqualTo(128);
    machine.check();
  }

  @Test
  void activeHalvesAreNotUsedAgain() {
    PoolMachine machine = new PoolMachine(host -> new ActiveHalvesPool(host, 32));
    Fragment first = machine.allocate();
    Fragment second = machine.allocate();
    machine.freeDeferred(second);
    assertThat(machine.waiting()).as("the other half lives").isZero();
    machine.gracePeriod();
    Fragment other = machine.allocate();
    assertThat(other.page()).isNotSameAs(first.page());
    machine.free(first);
    assertThat(machine.waiting()).as("the last half begins the grace period").isEqualTo(1);
    machine.free(other);
    machine.gracePeriod();
    assertThat(machine.pagesHeld()).isZero();
    machine.check();
  }

  @Test
  void activeHalvesAreUsedAgainIfNothingWasDeferred() {
    PoolMachine machine = new PoolMachine(host -> new ActiveHalvesPool(host, 32));
    machine.allocate();
    Fragment second = machine.allocate();
    machine.free(second);
    assertThat(machine.allocate()).isSameAs(second);
    machine.check();
  }

  @Test
  void theHeadIsAskedForAgainByItsCallback() {
    PoolMachine machine = new PoolMachine(host -> new HeadBitsPool(host, 32));
    Fragment first = machine.allocate();
    Fragment second = machine.allocate();
    machine.freeDeferred(first);
    machine.freeDeferred(second);
    assertThat(machine.waiting()).as("one head").isEqualTo(1);
    machine.gracePeriod();
    assertThat(machine.waiting()).as("now for the second half").isEqualTo(1);
    assertThat(machine.pagesHeld()).isEqualTo(1);
    machine.gracePeriod();
    assertThat(machine.pagesHeld()).isZero();
    machine.check();
  }

  @Test
  void aPageWithAPendingHalfIsNotListed() {
    PoolMachine machine = new PoolMachine(host -> new HeadBitsPool(host, 32));
    machine.allocate();
    Fragment second = machine.allocate();
    machine.freeDeferred(second);
    assertThat(second.page().listed).isFalse();
    machine.gracePeriod();
    assertThat(second.page().listed).isTrue();
    assertThat(machine.allocate()).isSameAs(second);
    machine.check();
  }

  @Test
  void theSketchKeepsItsLinksInAFreeTable() {
    HeapMemory memory = new HeapMemory(16, 6);
    PoolMachine machine = new PoolMachine(host -> new SketchPool(host, 3, 16, memory, EMPTY));
    Fragment first = machine.allocate();
    assertThat(memory.loadAcquire(16)).as("in the second table").isEqualTo(InTableList.END);
    Fragment second = machine.allocate();
    assertThat(second.pa()).as("the one with the links comes last").isEqualTo(32);
    Fragment third = machine.allocate();
    for (long pa = 0; pa < 48; pa += 8) {
      assertThat(memory.loadAcquire(pa)).as("EMPTY at %d", pa).isEqualTo(EMPTY);
    }
    machine.freeDeferred(second);
    machine.freeDeferred(first);
    assertThat(memory.loadAcquire(32)).as("a walker may be inside").isEqualTo(EMPTY);
    assertThat(machine.waiting()).as("one head").isEqualTo(1);
    machine.gracePeriod();
    assertThat(memory.loadAcquire(32)).isEqualTo(InTableList.END);
    assertThat(memory.loadAcquire(0)).as("it waits for the next").isEqualTo(EMPTY);
    machine.freeDeferred(third);
    machine.gracePeriod();
    machine.gracePeriod();
    assertThat(machine.pagesHeld()).isZero();
    machine.check();
  }

  @Test
  void theSketchLinksSeveralPages() {
    HeapMemory memory = new HeapMemory(16, 6);
    PoolMachine machine = new PoolMachine(host -> new SketchPool(host, 2, 32, memory, EMPTY));
    Fragment[] tables = new Fragment[6];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = machine.allocate();
    }
    for (int i = 0; i < tables.length; i += 2) {
      machine.freeDeferred(tables[i]);
    }
    machine.gracePeriod();
    // The page in the middle of the list goes.
    machine.freeDeferred(tables[3]);
    machine.gracePeriod();
    assertThat(machine.pagesHeld()).isEqualTo(2);
    assertThat(machine.allocate().page()).isIn(tables[0].page(), tables[4].page());
    assertThat(machine.allocate().page()).isIn(tables[0].page(), tables[4].page());
    assertThat(machine.pagesTaken()).isEqualTo(3);
    machine.check();
  }

  @Test
  void theSketchHasNoAnswerForAnOwnerThatIsGone() {
    HeapMemory memory = new HeapMemory(16, 6);
    PoolMachine machine = new PoolMachine(host -> new SketchPool(host, 2, 32, memory, EMPTY));
    machine.freeDeferred(machine.allocate());
    machine.exit();
    machine.gracePeriod();
    assertThatThrownBy(machine::check)
        .hasMessageContaining("an owner is there until the last callback has used its list");
  }
}
