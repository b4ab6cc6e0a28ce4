package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.core.engine.TinyFormat;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lists of frees finish, whatever a plugin's allocator throws, and throw at the end. */
final class FailingFreesTest {
  // So many are kept for re-use, and so many more are given back.
  private static final int KEPT = 1024;
  private static final int TABLES = 104;

  private final TableMachine machine = new TableMachine(TinyFormat.FORMAT, 1, FailingFrees::new);

  @Test
  void everyTableOfAListIsFree() {
    TableDescriptor first = null;
    for (int i = 0; i < KEPT + TABLES; i++) {
      TableDescriptor table = machine.allocate(0);
      TableStates.bring(table, TableState.WAITING);
      table.setNext(first);
      first = table;
    }
    TableDescriptor list = first;
    UnsupportedOperationException thrown =
        catchThrowableOfType(
            UnsupportedOperationException.class, () -> machine.tables.freeAll(list));
    assertThat(thrown.getSuppressed()).hasSize(TABLES - 1);
    assertThat(machine.owner.account().isZero()).isTrue();
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(KEPT * 32);
  }

  @Test
  void trimGivesBackAll() {
    List<TableDescriptor> tables = new ArrayList<>();
    for (int i = 0; i < TABLES; i++) {
      tables.add(machine.allocate(0));
    }
    tables.forEach(machine.tables::free);
    UnsupportedOperationException thrown =
        catchThrowableOfType(UnsupportedOperationException.class, machine.tables::trim);
    assertThat(thrown.getSuppressed()).hasSize(TABLES - 1);
    assertThat(machine.allocator.allocatedBytes()).isZero();
  }
}
