package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.core.TinyFormats;
import dev.memdesc.core.engine.TinyFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FrameTableMemoryTest {
  private static final long EMPTY = 1;

  private final TableMachine machine = new TableMachine(TinyFormat.FORMAT, 2);

  @Test
  void aTableIsHandedOutEmptyDescribedAndCounted() {
    TableDescriptor table = machine.allocate(1);
    assertThat(table.state()).isEqualTo(TableState.ALLOCATED);
    assertThat(table.level()).isEqualTo(1);
    assertThat(table.owner()).isSameAs(machine.owner);
    assertThat(table.count()).isZero();
    assertThat(machine.descriptors.get(table.pa())).isSameAs(table);
    for (int index = 0; index < 4; index++) {
      assertThat(machine.word(table, index)).isEqualTo(EMPTY);
    }
    assertThat(machine.memory.loadAcquire(table.pa() + 32)).isEqualTo(TableMachine.GARBAGE);
    assertThat(machine.tables.allocatedBytes(table.node())).isEqualTo(32);
    assertThat(machine.owner.account().snapshot().levels())
        .containsExactly(
            new TableCounts.Level(0, 0, 0, 0, 0, 0), new TableCounts.Level(1, 0, 0, 0, 32, 0));
    machine.free(table);
    machine.checkNothingLeft(2);
  }

  @Test
  void aKnownEmptyTableIsHandedOutAgainWithoutClearing() {
    TableDescriptor table = machine.allocate(0);
    table.unlock(table.lock(), 3);
    table.unlock(table.lock(), -3);
    // Nobody may write such words; that they are still there shows that nobody clears.
    machine.setWord(table, 1, TableMachine.GARBAGE);
    machine.free(table);
    machine.setWord(table, 2, TableMachine.GARBAGE);
    assertThatThrownBy(() -> machine.allocate(0))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("a known-empty table is not empty: table[pa=0x");
    assertThat(machine.word(table, 1)).as("not at free").isEqualTo(TableMachine.GARBAGE);
    assertThat(machine.word(table, 2)).as("nor at allocate").isEqualTo(TableMachine.GARBAGE);
    machine.setWord(table, 1, EMPTY);
    machine.setWord(table, 2, EMPTY);
    TableDescriptor again = machine.allocate(0);
    assertThat(again).isSameAs(table);
    machine.free(again);
    machine.checkNothingLeft(2);
  }

  @Test
  void aTableThatIsDroppedWithEntriesIsClearedWhenItComesBack() {
    TableDescriptor table = machine.allocate(0);
    long pa = table.pa();
    machine.setWord(table, 1, 0x428);
    table.unlock(table.lock(), 1);
    machine.free(table);
    assertThat(machine.word(table, 1)).isEqualTo(EMPTY);
    TableDescriptor again = machine.allocate(0);
    assertThat(again.pa()).isEqualTo(pa);
    assertThat(machine.word(again, 1)).isEqualTo(EMPTY);
    machine.free(again);
    machine.checkNothingLeft(2);
  }

  @Test
  void aKnownEmptyTableServesItsOwnLevelOnly() {
    TableDescriptor low = machine.allocate(0);
    machine.free(low);
    TableDescriptor high = machine.allocate(1);
    assertThat(high.pa()).isNotEqualTo(low.pa());
    assertThat(machine.allocate(0)).isSameAs(low);
    machine.free(high);
    machine.free(low);
    machine.checkNothingLeft(2);
  }

  @Test
  void aKnownEmptyTableServesItsOwnNodeOnlyIfANodeIsWanted() {
    TableDescriptor table = machine.tables.allocate(machine.owner, 0, 1);
    assertThat(table.node()).isEqualTo(1);
    assertThat(machine.tables.allocatedBytes(1)).isEqualTo(32);
    assertThat(machine.tables.allocatedBytes(0)).isZero();
    machine.free(table);
    TableDescriptor other = machine.tables.allocate(machine.owner, 0, 0);
    assertThat(other.node()).isZero();
    assertThat(machine.tables.allocatedBytes(0)).isEqualTo(32);
    assertThat(machine.allocate(0)).as("any node").isSameAs(table);
    machine.free(other);
    machine.free(table);
    machine.checkNothingLeft(2);
  }

  @Test
  void aTableWithAShadowIsNeverKept() {
    for (TableFormat format : Set.of(TinyFormats.mirrored(), TinyFormats.shadowed())) {
      TableMachine shadows = new TableMachine(format, 1);
      int words = format.level(1).table().allBytes() / 8;
      for (int round = 0; round < 3; round++) {
        TableDescriptor root = shadows.allocate(1);
        for (int index = 0; index < words; index++) {
          boolean empty = index < 4 || format.name().equals("tiny/mirrored");
          assertThat(shadows.word(root, index))
              .as("word %d of %s", index, format)
              .isEqualTo(empty ? EMPTY : 0);
          shadows.setWord(root, index, TableMachine.GARBAGE);
        }
        assertThat(shadows.word(root, words)).isEqualTo(TableMachine.GARBAGE);
        assertThat(shadows.allocator.allocatedBytes()).isEqualTo(words * 8L);
        assertThat(shadows.tables.allocatedBytes(0)).isEqualTo(words * 8L);
        shadows.free(root);
        assertThat(shadows.allocator.allocatedBytes()).isZero();
      }
      shadows.checkNothingLeft(1);
    }
  }

  @Test
  void placementIsWhatTheFormatAsksFor() {
    TableMachine low = new TableMachine(TinyFormats.lowRoot(), 1);
    List<TableDescriptor> roots = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      roots.add(low.allocate(1));
    }
    assertThat(roots)
        .extracting(TableDescriptor::pa)
        .containsExactlyInAnyOrder(0L, 0x100L, 0x200L, 0x300L);
    assertThat(low.tables.allocatedBytes(0)).isEqualTo(4 * 256);
    PageTableException e = catchThrowableOfType(PageTableException.class, () -> low.allocate(1));
    assertThat(e).as("only four fit below the limit").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    roots.forEach(low::free);
    low.checkNothingLeft(1);
  }

  @Test
  void aBoundedNumberOfTablesIsKeptAndTrimGivesThemBack() {
    long kept = 1024;
    List<TableDescriptor> tables = new ArrayList<>();
    for (long i = 0; i < kept + 6; i++) {
      tables.add(machine.allocate(0));
    }
    assertThat(machine.allocator.allocatedBytes()).isEqualTo((kept + 6) * 32);
    tables.forEach(machine::free);
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(kept * 32);
    assertThat(machine.tables.allocatedBytes(0)).isZero();
    machine.tables.trim();
    assertThat(machine.allocator.allocatedBytes()).isZero();
    machine.tables.trim();
    machine.checkNothingLeft(2);
  }

  @Test
  void descriptorsAreRecycled() {
    for (int i = 0; i < 1000; i++) {
      TableDescriptor one = machine.allocate(i & 1);
      TableDescriptor other = machine.allocate(0);
      one.unlock(one.lock(), i % 3);
      machine.free(one);
      machine.free(other);
      if (i % 10 == 0) {
        machine.tables.trim();
      }
    }
    assertThat(machine.descriptorsMade).hasValueLessThanOrEqualTo(4);
    machine.checkNothingLeft(2);
  }

  @Test
  void byteOrderIsTheFormats() {
    TableMachine swapped = new TableMachine(TinyFormats.swapped(), 1);
    TableDescriptor table = swapped.allocate(0);
    assertThat(swapped.word(table, 0)).isEqualTo(1L << 56);
    swapped.free(table);
    swapped.checkNothingLeft(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = TableState.class,
      names = {"ALLOCATED", "DEPOSITED", "WAITING"})
  void aTableIsTakenBackIn(TableState state) {
    TableDescriptor table = machine.allocate(0);
    TableStates.bring(table, state);
    machine.tables.free(table);
    assertThat(table.state()).isEqualTo(TableState.FREE);
    machine.checkNothingLeft(2);
  }
}
