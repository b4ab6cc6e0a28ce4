package dev.memdesc.core.memory;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import java.util.List;

/** Brings a table that was just handed out into another state, by legal steps. */
public final class TableStates {
  private TableStates() {}

  /** From ALLOCATED to {@code state}. */
  public static void bring(TableDescriptor table, TableState state) {
    List<TableState> life =
        switch (state) {
          case FREE -> throw new IllegalArgumentException("table memory alone makes tables free");
          case ALLOCATED -> List.of();
          case DEPOSITED -> List.of(TableState.DEPOSITED);
          case FROZEN -> List.of(TableState.HOOKED, TableState.FROZEN);
          default ->
              List.of(
                      TableState.HOOKED,
                      TableState.DEAD,
                      TableState.UNHOOKED,
                      TableState.FLUSHED,
                      TableState.WAITING)
                  .subList(0, state.ordinal() - TableState.ALLOCATED.ordinal());
        };
    TableState at = TableState.ALLOCATED;
    for (TableState next : life) {
      table.become(at, next);
      at = next;
    }
  }
}
