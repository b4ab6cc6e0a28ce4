package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.FragmentPage;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import dev.memdesc.core.memory.TableStates;
import dev.memdesc.core.rcu.DeterministicRcu;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which memory a table gets, what it holds, and what becomes of it. */
final class FragmentTableMemoryTest {
  private static final long EMPTY = Long.reverseBytes(0x400);

  private final DeterministicRcu rcu = new DeterministicRcu();
  private final ShapedMachine machine = new ShapedMachine(ShapedFormats.S390, rcu);
  private final ShapedMachine.Owner owner = machine.newOwner();

  @AfterEach
  void nothingIsLeft() {
    machine.close();
  }

  private void pass() {
    rcu.advance();
    rcu.runCallbacks();
  }

  @Test
  void aLevelGetsWhatItsPlacementSays() {
    TableDescriptor one = machine.allocate(owner, 0);
    TableDescriptor two = machine.allocate(owner, 0);
    TableDescriptor high = machine.allocate(owner, 1);
    assertThat(two.pa()).as("the other half").isEqualTo(one.pa() + 2048);
    assertThat(machine.descriptors.get(one.pa())).isInstanceOf(FragmentPage.class);
    assertThat(machine.descriptors.table(one.pa())).isSameAs(one);
    assertThat(machine.descriptors.table(two.pa())).isSameAs(two);
    assertThat(machine.descriptors.table(two.pa() + 8)).isNull();
    assertThat(machine.descriptors.table(high.pa())).isSameAs(high);
    assertThat(high.pa() % (16 << 10)).isZero();
    for (int i = 0; i < 256; i++) {
      assertThat(machine.word(one, i)).isEqualTo(EMPTY);
      assertThat(machine.word(two, i)).isEqualTo(EMPTY);
    }
    assertThat(machine.tables.allocatedBytes(0)).isEqualTo(2 * 2048 + 16384);
    assertThat(owner.account().snapshot().levels().get(0).allocatedBytes()).isEqualTo(2 * 2048);
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(4096 + 16384);
    machine.tables.free(one);
    machine.tables.free(two);
    machine.tables.free(high);
  }

  @Test
  void aTableThatIsDroppedWithEntriesIsClearedAndAKnownEmptyOneIsNot() {
    TableDescriptor table = machine.allocate(owner, 0);
    machine.putItem(table, 7, 0x1234);
    machine.freeDeferred(table);
    assertThat(machine.tables.allocatedBytes(0)).as("still counted").isEqualTo(2048);
    pass();
    assertThat(table.state()).isEqualTo(TableState.FREE);
    assertThat(machine.tables.allocatedBytes(0)).isZero();
    TableDescriptor other = machine.allocate(owner, 0);
    assertThat(machine.allocate(owner, 0)).isSameAs(table);
    assertThat(machine.word(table, 7)).isEqualTo(EMPTY);
    assertThat(table.count()).isZero();
    // An item that the count does not know of: the check of debug builds notices.
    machine.memory.storeRelease(table.pa() + 8, 1);
    machine.tables.free(table);
    assertThatThrownBy(() -> machine.allocate(owner, 0))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("a known-empty fragment is not empty");
    machine.tables.free(other);
  }

  @Test
  void aShadowIsClearedEachTime() {
    try (ShapedMachine hash = new ShapedMachine(ShapedFormats.HASH_64K, new DeterministicRcu())) {
      ShapedMachine.Owner user = hash.newOwner();
      TableDescriptor table = hash.allocate(user, 0);
      assertThat(hash.allocate(user, 0).pa()).isEqualTo(table.pa() + 4096);
      assertThat(hash.word(table, 255)).isEqualTo(EMPTY);
      assertThat(hash.word(table, 256)).isZero();
      hash.memory.storeRelease(table.pa() + 256 * 8, 5);
      hash.tables.free(table);
      List<TableDescriptor> others = new ArrayList<>();
      for (int i = 2; i < 16; i++) {
        others.add(hash.allocate(user, 0));
      }
      assertThat(hash.allocate(user, 0)).as("when the page is used up").isSameAs(table);
      assertThat(hash.word(table, 256)).isZero();
      assertThat(hash.allocator.allocatedBytes()).isEqualTo(65536);
      others.forEach(hash.tables::free);
      hash.tables.free(table);
      hash.tables.free(Objects.requireNonNull(hash.descriptors.table(table.pa() + 4096)));
    }
  }

  @Test
  void smallRootsShareAPageBelowTheirLimit() {
    long firstPa = (1L << 32) - (1L << 20);
    try (ShapedMachine pae =
        new ShapedMachine(
            ShapedFormats.PAE, new DeterministicRcu(), firstPa, 1, PageChoice.NEWEST_FIRST)) {
      List<TableDescriptor> roots = new ArrayList<>();
      for (int i = 0; i < 128; i++) {
        TableDescriptor root = pae.allocate(pae.newOwner(), 2);
        assertThat(root.pa() >>> 32).isZero();
        assertThat(root.pa() % 32).isZero();
        roots.add(root);
      }
      assertThat(pae.allocator.allocatedBytes()).as("128 roots of 128 owners").isEqualTo(4096);
      pae.tables.close(pae.owners.get(0));
      assertThatThrownBy(() -> pae.allocate(pae.owners.get(0), 2))
          .hasMessage("an owner gets tables until it is closed: owner=owner 0, level=2");
      roots.forEach(pae.tables::free);
    }
  }

  @Test
  void ownersDoNotSharePagesAndLeaveNothingBehind() {
    ShapedMachine.Owner other = machine.newOwner();
    TableDescriptor mine = machine.allocate(owner, 0);
    TableDescriptor theirs = machine.allocate(other, 0);
    assertThat(theirs.pa() >>> 12).isNotEqualTo(mine.pa() >>> 12);
    machine.freeDeferred(mine);
    machine.tables.close(owner);
    assertThatThrownBy(() -> machine.allocate(owner, 0))
        .isInstanceOfSatisfying(
            PageTableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    assertThat(owner.account().isZero()).as("it waits").isFalse();
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(8192);
    pass();
    assertThat(owner.account().isZero()).isTrue();
    assertThat(machine.allocator.allocatedBytes()).as("without trim").isEqualTo(4096);
    machine.tables.close(other);
    machine.tables.free(theirs);
    assertThat(machine.allocator.allocatedBytes()).isZero();
  }

  @Test
  void nodesDoNotSharePages() {
    try (ShapedMachine two =
        new ShapedMachine(
            ShapedFormats.S390, new DeterministicRcu(), 0, 2, PageChoice.NEWEST_FIRST)) {
      ShapedMachine.Owner user = two.newOwner();
      TableDescriptor near = two.tables.allocate(user, 0, 0);
      TableDescriptor far = two.tables.allocate(user, 0, 1);
      assertThat(near.node()).isZero();
      assertThat(far.node()).isEqualTo(1);
      assertThat(two.allocator.nodeOf(far.pa())).isEqualTo(1);
      assertThat(two.tables.allocatedBytes(1)).isEqualTo(2048);
      two.tables.free(near);
      two.tables.free(far);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TableState.class,
      names = {"HOOKED", "DEAD", "UNHOOKED", "FLUSHED", "FROZEN"})
  void aTableIsNotTakenBackIn(TableState state) {
    TableDescriptor table = machine.allocate(owner, 0);
    TableStates.bring(table, state);
    PageTableException e = refusedFree(table);
    assertThat(e.reason()).isEqualTo(Reason.ILLEGAL_STATE);
    assertThat(e).hasMessageContaining("next=free");
    assertThat(table.state()).isEqualTo(state);
    assertThat(machine.tables.allocatedBytes(0)).isEqualTo(2048);
    if (state == TableState.FROZEN) {
      table.become(TableState.FROZEN, TableState.UNHOOKED);
    } else {
      finish(table);
    }
    if (table.state() == TableState.UNHOOKED) {
      table.become(TableState.UNHOOKED, TableState.FLUSHED);
    }
    machine.tables.freeDeferred(table);
  }

  private static void finish(TableDescriptor table) {
    if (table.state() == TableState.HOOKED) {
      table.become(TableState.HOOKED, TableState.DEAD);
    }
    if (table.state() == TableState.DEAD) {
      table.become(TableState.DEAD, TableState.UNHOOKED);
    }
  }

  private PageTableException refusedFree(TableDescriptor table) {
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.tables.free(table));
    assertThat(e).as("free of %s", table).isNotNull();
    return e;
  }

  @Test
  void aTableIsTakenBackOnceAndByItsOwnMemory() {
    TableDescriptor table = machine.allocate(owner, 0);
    TableDescriptor neighbour = machine.allocate(owner, 0);
    machine.tables.free(table);
    assertThat(refusedFree(table).reason()).isEqualTo(Reason.ILLEGAL_STATE);
    assertThat(refusedFree(new TableDescriptor()).reason()).isEqualTo(Reason.FOREIGN);
    machine.freeDeferred(neighbour);
    assertThatThrownBy(() -> machine.tables.freeDeferred(neighbour))
        .hasMessageContaining("state=waiting, needed=flushed");
    pass();
    machine.tables.trim();
    assertThat(machine.allocator.allocatedBytes()).as("the page is gone").isZero();
    assertThat(refusedFree(table).reason()).isEqualTo(Reason.ILLEGAL_STATE);
  }

  @Test
  void aGatherHandsBackTablesOfBothKinds() {
    TableDescriptor first = null;
    for (int level : new int[] {0, 1, 0, 2, 0}) {
      TableDescriptor table = machine.allocate(owner, level);
      TableStates.bring(table, TableState.WAITING);
      table.setNext(first);
      first = table;
    }
    machine.tables.freeAll(first);
    assertThat(owner.account().isZero()).isTrue();
    machine.tables.freeAll(null);
  }

  @Test
  void depositedTablesAreTakenBackToo() {
    TableDescriptor table = machine.allocate(owner, 0);
    TableStates.bring(table, TableState.DEPOSITED);
    machine.tables.free(table);
    assertThat(owner.account().isZero()).isTrue();
  }

  @Test
  void whatIsKeptIsGivenBackBeforeMemoryIsOut() {
    TableDescriptor kept = machine.allocate(owner, 1);
    machine.tables.free(kept);
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(16384);
    machine.allocator.failNth(1);
    TableDescriptor table = machine.allocate(owner, 0);
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(4096);
    machine.tables.free(table);
    machine.tables.trim();
    machine.allocator.failWithProbability(1, 1);
    assertThatThrownBy(() -> machine.allocate(owner, 0))
        .isInstanceOfSatisfying(
            PageTableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY));
  }
}
