package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.core.engine.TinyFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What table memory refuses, what it does without memory, and many threads at once. */
final class FrameTableMemoryErrorsTest {
  private final TableMachine machine = new TableMachine(TinyFormat.FORMAT, 2);

  @ParameterizedTest
  @EnumSource(
      value = TableState.class,
      names = {"HOOKED", "DEAD", "UNHOOKED", "FLUSHED", "FROZEN"})
  void aTableIsNotTakenBackIn(TableState state) {
    TableDescriptor table = machine.allocate(0);
    TableStates.bring(table, state);
    PageTableException e = refused(Reason.ILLEGAL_STATE, table);
    assertThat(e).hasMessageContaining("next=free");
    assertThat(table.state()).isEqualTo(state);
    assertThat(machine.descriptors.get(table.pa())).isSameAs(table);
  }

  @Test
  void aTableThatIsKeptIsNotTakenBackTwice() {
    TableDescriptor table = machine.allocate(0);
    machine.free(table);
    refused(Reason.ILLEGAL_STATE, table);
    machine.checkNothingLeft(2);
  }

  @Test
  void aTableThatIsNotKeptIsNotTakenBackTwice() {
    TableDescriptor table = machine.allocate(0);
    table.unlock(table.lock(), 1);
    machine.free(table);
    refused(Reason.ILLEGAL_STATE, table);
    machine.checkNothingLeft(2);
  }

  @Test
  void aTableOfOtherMemoryIsForeign() {
    TableMachine other = new TableMachine(TinyFormat.FORMAT, 1);
    TableDescriptor own = machine.allocate(0);
    TableDescriptor foreign = other.allocate(0);
    assertThat(refused(Reason.FOREIGN, foreign))
        .hasMessage("a table comes from this table memory: table=" + foreign);
    assertThat(foreign.state()).isEqualTo(TableState.ALLOCATED);
    machine.free(own);
    other.free(foreign);
    machine.checkNothingLeft(2);
    other.checkNothingLeft(1);
  }

  @Test
  void aDescriptorThatNobodyHandedOutIsForeign() {
    refused(Reason.FOREIGN, new TableDescriptor());
    machine.checkNothingLeft(2);
  }

  private PageTableException refused(Reason reason, TableDescriptor table) {
    long node0 = machine.tables.allocatedBytes(0);
    long frames = machine.allocator.allocatedBytes();
    boolean zero = machine.owner.account().isZero();
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.tables.free(table));
    assertThat(e).as("free of %s", table).isNotNull();
    assertThat(e.reason()).isEqualTo(reason);
    assertThat(machine.tables.allocatedBytes(0)).isEqualTo(node0);
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(frames);
    assertThat(machine.owner.account().isZero()).isEqualTo(zero);
    return e;
  }

  @Test
  void aKeptTableThatIsNotEmptyIsFoundOutByDebugBuilds() {
    TableDescriptor table = machine.allocate(0);
    machine.setWord(table, 2, 0x428);
    machine.tables.free(table);
    assertThatThrownBy(() -> machine.allocate(0))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("a known-empty table is not empty: table[pa=0x");
  }

  @Test
  void withoutMemoryNothingChanges() {
    machine.allocator.failNth(1);
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.allocate(0));
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    assertThat(machine.descriptorsMade).hasValue(0);
    machine.checkNothingLeft(2);
  }

  @Test
  void whatIsKeptIsGivenBackBeforeMemoryIsOut() {
    List<TableDescriptor> low = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      low.add(machine.allocate(0));
    }
    low.forEach(machine::free);
    assertThat(machine.allocator.allocatedBytes()).as("kept").isEqualTo(40 * 32);
    // All 4096 frames as tables of the other level, with those that are kept as the last.
    List<TableDescriptor> high = new ArrayList<>();
    for (int i = 0; i < 4096; i++) {
      high.add(machine.allocate(1));
    }
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> machine.allocate(1));
    assertThat(e).as("now it is out").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    high.forEach(machine::free);
    machine.checkNothingLeft(2);
  }

  @Test
  void threadsAtOnceNeverGetTheSameTableAndNothingIsLeft() throws Exception {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("table memory, threads: -Dmemdesc.seed=" + seed);
    ConcurrentHashMap<Long, Integer> users = new ConcurrentHashMap<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        running.add(pool.submit(churn(new SplittableRandom(seed + t), users, t)));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    machine.checkNothingLeft(2);
  }

  private Callable<Void> churn(
      SplittableRandom random, ConcurrentHashMap<Long, Integer> users, int id) {
    return () -> {
      List<TableDescriptor> live = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        if (random.nextInt(1000) == 0) {
          machine.tables.trim();
        }
        if (random.nextBoolean() && live.size() < 200) {
          int node = random.nextInt(PageAllocator.ANY_NODE, 2);
          TableDescriptor table = machine.tables.allocate(machine.owner, random.nextInt(2), node);
          assertThat(users.put(table.pa(), id)).as("user of %s", table).isNull();
          for (int index = 0; index < 4; index++) {
            assertThat(machine.word(table, index)).isEqualTo(1);
          }
          live.add(table);
        } else if (!live.isEmpty()) {
          giveBack(random, users, live.remove(random.nextInt(live.size())));
        }
      }
      for (TableDescriptor table : live) {
        giveBack(random, users, table);
      }
      return null;
    };
  }

  private void giveBack(
      SplittableRandom random, ConcurrentHashMap<Long, Integer> users, TableDescriptor table) {
    users.remove(table.pa());
    if (random.nextBoolean()) {
      machine.setWord(table, random.nextInt(4), 0x428);
      table.unlock(table.lock(), 1);
      machine.free(table);
    } else {
      machine.tables.free(table);
    }
  }
}
