package dev.memdesc.core.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoMoreInteractions;
import static org.mockito.Mockito.when;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.core.engine.TinyFormat;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a gather does with the tables it is given, seen from table memory. */
final class TableGatherTest {
  private final TableOwner owner = mock(TableOwner.class);
  private final TableMemory tableMemory = mock(TableMemory.class);
  private final List<TableState> handedOver = new ArrayList<>();

  private TableGather gather() {
    when(owner.format()).thenReturn(TinyFormat.FORMAT);
    doAnswer(
            call -> {
              TableDescriptor table = call.getArgument(0);
              for (; table != null; table = table.next()) {
                handedOver.add(table.state());
              }
              return null;
            })
        .when(tableMemory)
        .freeAllDeferred(any());
    return new TableGather(owner, tableMemory);
  }

  private TableDescriptor dead() {
    TableDescriptor table = new TableDescriptor();
    table.assign(owner, 0);
    table.beHooked(false);
    table.kill();
    return table;
  }

  @Test
  void tablesReachTableMemoryAtTheFlushAndAreFlushedThen() {
    try (TableGather gather = gather()) {
      TableDescriptor one = dead();
      gather.addTable(one);
      gather.addTable(dead());
      assertThat(one.state()).isEqualTo(TableState.UNHOOKED);
      assertThat(gather.tables()).isEqualTo(2);
      verifyNoMoreInteractions(tableMemory);
      gather.flush();
      assertThat(handedOver).containsExactly(TableState.FLUSHED, TableState.FLUSHED);
      assertThat(gather.tables()).isZero();
    }
    verify(tableMemory, times(1)).freeAllDeferred(any());
    assertThat(handedOver).as("closing again hands over nothing").hasSize(2);
  }

  @Test
  void aTableThatIsNotDeadIsRefused() {
    try (TableGather gather = gather()) {
      TableDescriptor hooked = new TableDescriptor();
      hooked.assign(owner, 0);
      hooked.beHooked(false);
      assertThatThrownBy(() -> gather.addTable(hooked))
          .isInstanceOf(PageTableException.class)
          .hasMessageContaining("state=hooked, needed=dead");
      assertThat(gather.tables()).isZero();
    }
  }
}
