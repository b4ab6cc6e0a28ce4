package dev.memdesc.api.descriptor;

import static dev.memdesc.api.descriptor.TableState.ALLOCATED;
import static dev.memdesc.api.descriptor.TableState.DEAD;
import static dev.memdesc.api.descriptor.TableState.DEPOSITED;
import static dev.memdesc.api.descriptor.TableState.FLUSHED;
import static dev.memdesc.api.descriptor.TableState.FREE;
import static dev.memdesc.api.descriptor.TableState.FROZEN;
import static dev.memdesc.api.descriptor.TableState.HOOKED;
import static dev.memdesc.api.descriptor.TableState.UNHOOKED;
import static dev.memdesc.api.descriptor.TableState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The life cycle, one test per legal and per illegal edge. */
final class TableStateTest {
  /** The edges as the design has them, written out: not taken from the code. */
  private static final Set<List<TableState>> LEGAL =
      Set.of(
          // The life of a table.
          List.of(FREE, ALLOCATED),
          List.of(ALLOCATED, HOOKED),
          List.of(HOOKED, DEAD),
          List.of(DEAD, UNHOOKED),
          List.of(UNHOOKED, FLUSHED),
          List.of(FLUSHED, WAITING),
          List.of(WAITING, FREE),
          // A lost install, a rollback.
          List.of(ALLOCATED, FREE),
          // A huge page is mapped; a collapse; the split; a zap.
          List.of(ALLOCATED, DEPOSITED),
          List.of(FLUSHED, DEPOSITED),
          List.of(DEPOSITED, HOOKED),
          List.of(DEPOSITED, FREE),
          // Collapse and move.
          List.of(HOOKED, FROZEN),
          List.of(FROZEN, HOOKED),
          List.of(FROZEN, UNHOOKED),
          // The same table is hooked again before its flush; a root grows.
          List.of(UNHOOKED, HOOKED),
          List.of(HOOKED, HOOKED));

  /** A way from FREE to each state. */
  private static final Map<TableState, List<TableState>> WAYS =
      Map.of(
          FREE, List.of(),
          ALLOCATED, List.of(ALLOCATED),
          HOOKED, List.of(ALLOCATED, HOOKED),
          DEAD, List.of(ALLOCATED, HOOKED, DEAD),
          UNHOOKED, List.of(ALLOCATED, HOOKED, DEAD, UNHOOKED),
          FLUSHED, List.of(ALLOCATED, HOOKED, DEAD, UNHOOKED, FLUSHED),
          WAITING, List.of(ALLOCATED, HOOKED, DEAD, UNHOOKED, FLUSHED, WAITING),
          DEPOSITED, List.of(ALLOCATED, DEPOSITED),
          FROZEN, List.of(ALLOCATED, HOOKED, FROZEN));

  static Stream<Arguments> legal() {
    return pairs().filter(pair -> LEGAL.contains(pair)).map(List::toArray).map(Arguments::of);
  }

  static Stream<Arguments> illegal() {
    return pairs().filter(pair -> !LEGAL.contains(pair)).map(List::toArray).map(Arguments::of);
  }

  private static Stream<List<TableState>> pairs() {
    return Arrays.stream(TableState.values())
        .flatMap(from -> Arrays.stream(TableState.values()).map(to -> List.of(from, to)));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("legal")
  void aTableTakesEveryLegalStep(TableState from, TableState to) {
    assertThat(from.mayBecome(to)).isTrue();
    TableDescriptor table = tableIn(from);
    table.become(from, to);
    assertThat(table.state()).isEqualTo(to);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("illegal")
  void everyOtherStepFailsLoudlyAndChangesNothing(TableState from, TableState to) {
    assertThat(from.mayBecome(to)).isFalse();
    TableDescriptor table = tableIn(from);
    table.unlock(table.lock(), 3);
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> table.become(from, to));
    assertThat(e).as("what refuses %s -> %s", from, to).isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.ILLEGAL_STATE);
    assertThat(e)
        .hasMessage(
            "a table goes from one state of its life to the next: pa=0x0000000000042000, level=0,"
                + " state=%s, needed=%s, next=%s",
            lower(from), lower(from), lower(to));
    assertThat(table.state()).isEqualTo(from);
    assertThat(table.count()).isEqualTo(3);
  }

  @Test
  void thereAreSeventeenLegalEdgesOf81() {
    assertThat(legal()).hasSize(17);
    assertThat(illegal()).hasSize(64);
  }

  @Test
  void everyStateFitsTheFourBitsOfTheWord() {
    assertThat(TableState.values()).hasSizeLessThanOrEqualTo(16);
    for (TableState state : TableState.values()) {
      assertThat(TableState.of(state.ordinal())).isSameAs(state);
    }
  }

  private static TableDescriptor tableIn(TableState state) {
    TableDescriptor table = new TableDescriptor();
    table.bind(0x42000, 0);
    TableState at = FREE;
    for (TableState next : List.copyOf(WAYS.getOrDefault(state, List.of()))) {
      table.become(at, next);
      at = next;
    }
    assertThat(table.state()).isEqualTo(state);
    return table;
  }

  private static String lower(TableState state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
