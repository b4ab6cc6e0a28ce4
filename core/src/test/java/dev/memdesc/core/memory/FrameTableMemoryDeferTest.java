package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.core.engine.TinyFormat;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole-frame tables that wait for a grace period, and owners that go away. */
final class FrameTableMemoryDeferTest {
  private final TableMachine machine = new TableMachine(TinyFormat.FORMAT, 2);

  private TableDescriptor flushed() {
    TableDescriptor table = machine.allocate(0);
    TableStates.bring(table, TableState.FLUSHED);
    return table;
  }

  @Test
  void aDeferredTableIsNotUsedAgainBeforeAGracePeriod() {
    TableDescriptor table = flushed();
    machine.tables.freeDeferred(table);
    assertThat(table.state()).isEqualTo(TableState.WAITING);
    assertThat(machine.allocate(0)).as("another one").isNotSameAs(table);
    assertThat(machine.tables.allocatedBytes(0)).isEqualTo(64);
    assertThat(machine.owner.account().snapshot().allocatedBytes()).isEqualTo(64);
    machine.pass();
    assertThat(table.state()).isEqualTo(TableState.FREE);
    assertThat(machine.tables.allocatedBytes(0)).isEqualTo(32);
    assertThat(machine.owner.account().snapshot().allocatedBytes()).isEqualTo(32);
    assertThat(machine.allocate(0)).as("now it is used again").isSameAs(table);
  }

  @Test
  void whatComesWhileAGracePeriodRunsWaitsForTheNext() {
    List<TableDescriptor> tables = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tables.add(flushed());
    }
    machine.tables.freeDeferred(tables.get(0));
    machine.tables.freeDeferred(tables.get(1));
    machine.tables.freeDeferred(tables.get(2));
    assertThat(machine.rcu.statistics().backlog()).as("tables that wait").isEqualTo(3);
    assertThat(machine.rcu.statistics().backlogBytes()).isEqualTo(96);
    assertThat(machine.owner.account().snapshot().waitingBytes()).isEqualTo(96);
    machine.pass();
    assertThat(tables)
        .extracting(TableDescriptor::state)
        .containsExactly(
            TableState.FREE, TableState.WAITING, TableState.WAITING, TableState.FLUSHED);
    machine.pass();
    machine.tables.freeDeferred(tables.get(3));
    machine.pass();
    assertThat(tables).extracting(TableDescriptor::state).containsOnly(TableState.FREE);
    machine.checkNothingLeft(2);
  }

  @Test
  void onlyAFlushedTableIsDeferredAndOnlyOnce() {
    TableDescriptor table = machine.allocate(0);
    assertThat(refused(table)).isEqualTo(Reason.ILLEGAL_STATE);
    TableStates.bring(table, TableState.FLUSHED);
    machine.tables.freeDeferred(table);
    assertThat(refused(table)).isEqualTo(Reason.ILLEGAL_STATE);
    machine.rcu.barrier();
    assertThat(refused(table)).isEqualTo(Reason.ILLEGAL_STATE);
    assertThat(refused(new TableDescriptor())).isEqualTo(Reason.FOREIGN);
    machine.checkNothingLeft(2);
  }

  private Reason refused(TableDescriptor table) {
    TableState before = table.state();
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.tables.freeDeferred(table));
    assertThat(e).as("freeDeferred of %s", table).isNotNull();
    assertThat(table.state()).isEqualTo(before);
    return e.reason();
  }

  @Test
  void withoutGracePeriodsATableIsFreedByHand() {
    TableDescriptor table = flushed();
    machine.rcu.close();
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.tables.freeDeferred(table));
    assertThat(e).as("refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.CLOSED);
    assertThat(table.state()).isEqualTo(TableState.WAITING);
    machine.tables.free(table);
    machine.checkNothingLeft(2);
  }

  @Test
  void anOwnerGoesAwayWithFreesPending() {
    TableDescriptor waiting = flushed();
    TableDescriptor live = machine.allocate(1);
    machine.tables.freeDeferred(waiting);
    machine.tables.close(machine.owner);
    machine.tables.close(machine.owner);
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.allocate(0));
    assertThat(e).as("refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.CLOSED);
    assertThat(e).hasMessage("an owner gets tables until it is closed: owner=owner, level=0");
    machine.rcu.barrier();
    machine.free(live);
    machine.checkNothingLeft(2);
  }

  @Test
  void oneTableInAWrongStateDoesNotKeepTheOthersOfItsList() {
    TableDescriptor first = flushed();
    TableDescriptor wrong = machine.allocate(0);
    TableDescriptor last = flushed();
    first.setNext(wrong);
    wrong.setNext(last);
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.tables.freeAllDeferred(first));
    assertThat(e).as("refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.ILLEGAL_STATE);
    assertThat(List.of(first, wrong, last))
        .extracting(TableDescriptor::state)
        .containsExactly(TableState.WAITING, TableState.ALLOCATED, TableState.WAITING);
    assertThat(wrong.next()).isNull();
    assertThat(machine.rcu.statistics().backlog()).as("tables under one head").isEqualTo(2);
    machine.pass();
    machine.free(wrong);
    machine.checkNothingLeft(2);
  }
}
