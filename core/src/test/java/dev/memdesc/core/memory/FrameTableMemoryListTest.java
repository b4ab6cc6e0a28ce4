package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.core.engine.TinyFormat;
import dev.memdesc.core.memory.TableMachine.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whole lists of tables that are taken back, as a gather hands them over. */
final class FrameTableMemoryListTest {
  private final TableMachine machine = new TableMachine(TinyFormat.FORMAT, 2);
  private final Owner other = new Owner(TinyFormat.FORMAT);

  @AfterEach
  void nothingIsLeft() {
    assertThat(other.account().isZero()).as("account of the other owner").isTrue();
    machine.checkNothingLeft(2);
  }

  @Test
  void noTablesAreTakenBack() {
    machine.tables.freeAll(null);
  }

  @Test
  void eachOwnerIsToldOfItsOwnTables() {
    List<TableDescriptor> tables = new ArrayList<>();
    for (Owner owner : List.of(machine.owner, machine.owner, other, machine.owner, other, other)) {
      tables.add(waiting(owner, 0, 0));
    }
    assertThat(other.account().snapshot().allocatedBytes()).isEqualTo(3 * 32);
    machine.tables.freeAll(list(tables));
    assertThat(tables).allMatch(table -> table.state() == TableState.FREE);
    assertThat(machine.owner.account().isZero()).isTrue();
    assertThat(other.account().isZero()).isTrue();
  }

  @Test
  void randomListsOfLevelsOwnersNodesAndCountsLeaveNothing() {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("lists of tables: -Dmemdesc.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      List<TableDescriptor> tables = new ArrayList<>();
      int length = random.nextInt(1, random.nextInt(2, 2000));
      for (int i = 0; i < length; i++) {
        Owner owner = random.nextInt(10) == 0 ? other : machine.owner;
        TableDescriptor table =
            waiting(owner, random.nextInt(8) == 0 ? 1 : 0, random.nextInt(4) / 2);
        for (int index = 0; index < 4; index++) {
          if (machine.word(table, index) != 1) {
            throw new AssertionError("item " + index + " of " + table + " is not EMPTY");
          }
        }
        tables.add(table);
      }
      for (TableDescriptor table : tables) {
        if (random.nextBoolean()) {
          machine.setWord(table, random.nextInt(4), 0x428);
          table.unlock(table.lock(), 1);
        }
      }
      machine.tables.freeAll(list(tables));
      assertThat(machine.tables.allocatedBytes(0)).as("round %d", round).isZero();
      assertThat(machine.tables.allocatedBytes(1)).as("round %d", round).isZero();
      assertThat(machine.owner.account().isZero()).as("round %d", round).isTrue();
    }
  }

  @Test
  void aBrokenTableDoesNotHoldUpTheOthers() {
    TableDescriptor good = waiting(machine.owner, 0, 0);
    TableDescriptor broken = machine.allocate(0);
    TableDescriptor last = waiting(machine.owner, 1, 0);
    TableDescriptor first = list(List.of(good, broken, last));
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.tables.freeAll(first));
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.ILLEGAL_STATE);
    assertThat(e).hasMessageContaining("state=allocated, needed=waiting");
    assertThat(good.state()).isEqualTo(TableState.FREE);
    assertThat(last.state()).isEqualTo(TableState.FREE);
    assertThat(broken.state()).isEqualTo(TableState.ALLOCATED);
    machine.free(broken);
  }

  private TableDescriptor waiting(Owner owner, int level, int node) {
    TableDescriptor table = machine.tables.allocate(owner, level, node);
    TableStates.bring(table, TableState.WAITING);
    return table;
  }

  /** Links the tables in their order; the first. */
  private static TableDescriptor list(List<TableDescriptor> tables) {
    for (int i = 1; i < tables.size(); i++) {
      tables.get(i - 1).setNext(tables.get(i));
    }
    return tables.getFirst();
  }
}
