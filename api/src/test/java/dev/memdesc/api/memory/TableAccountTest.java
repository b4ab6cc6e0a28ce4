package dev.memdesc.api.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.format.TestFormats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TableAccountTest {
  private static final int TABLE_BYTES = 4096;

  private final TableAccount account = new TableAccount(TestFormats.of("test/five", 5));

  @Test
  void aNewAccountIsZeroAtEveryLevel() {
    assertThat(account.isZero()).isTrue();
    assertThat(account.snapshot().levels())
        .hasSize(5)
        .allMatch(level -> level.linked() == 0 && level.allocatedBytes() == 0);
  }

  @Test
  void hardwareBytesAreThoseOfLevels0To2LinkedAndDeposited() {
    for (int level = 0; level < 5; level++) {
      account.addLinked(level, 1 << level);
      account.addAllocatedBytes(level, 8192);
    }
    account.addDeposited(0, 32);
    TableCounts counts = account.snapshot();
    assertThat(counts.levels())
        .containsExactly(
            new TableCounts.Level(0, 1, 32, 33 * TABLE_BYTES, 8192, 0),
            new TableCounts.Level(1, 2, 0, 2 * TABLE_BYTES, 8192, 0),
            new TableCounts.Level(2, 4, 0, 4 * TABLE_BYTES, 8192, 0),
            new TableCounts.Level(3, 8, 0, 0, 8192, 0),
            new TableCounts.Level(4, 16, 0, 0, 8192, 0));
    assertThat(counts.hardwareBytes()).isEqualTo(39L * TABLE_BYTES);
    assertThat(counts.allocatedBytes()).isEqualTo(5 * 8192);
    assertThat(counts.linked()).isEqualTo(31);
    assertThat(counts.deposited()).isEqualTo(32);
  }

  @Test
  void theRootIsNotCountedByLinuxEvenAtALowLevel() {
    TableAccount small = new TableAccount(TestFormats.of("test/three", 3));
    for (int level = 0; level < 3; level++) {
      small.addLinked(level, 1);
    }
    assertThat(small.snapshot().levels())
        .extracting(TableCounts.Level::hardwareBytes)
        .containsExactly((long) TABLE_BYTES, (long) TABLE_BYTES, 0L);
  }

  @Test
  void anyCounterThatIsLeftOverShows() {
    for (int level = 0; level < 5; level++) {
      account.addLinked(level, 1);
      assertThat(account.isZero()).isFalse();
      account.addLinked(level, -1);
      assertThat(account.isZero()).isTrue();
      account.addDeposited(level, 1);
      assertThat(account.isZero()).isFalse();
      account.addDeposited(level, -1);
      account.addAllocatedBytes(level, TABLE_BYTES);
      assertThat(account.isZero()).isFalse();
      account.addAllocatedBytes(level, -TABLE_BYTES);
      assertThat(account.isZero()).isTrue();
    }
  }

  @Test
  void aSurplusAndADeficitOfDifferentLevelsAreNotZero() {
    account.addLinked(0, 1);
    account.addLinked(1, -1);
    assertThat(account.isZero()).isFalse();
  }

  @Test
  void aSnapshotDoesNotChangeLater() {
    account.addLinked(2, 5);
    TableCounts before = account.snapshot();
    account.addLinked(2, 1);
    assertThat(before.linked()).isEqualTo(5);
    List<TableCounts.Level> levels = new ArrayList<>(before.levels());
    TableCounts copy = new TableCounts(levels);
    levels.clear();
    assertThat(copy).isEqualTo(before);
  }

  @Test
  void nothingThatThreadsCountAtOnceIsLost() throws Exception {
    int rounds = 1_000_000;
    CountDownLatch started = new CountDownLatch(3);
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        running.add(
            threads.submit(
                () -> {
                  started.countDown();
                  assertThat(started.await(1, TimeUnit.MINUTES)).isTrue();
                  for (int i = 0; i < rounds; i++) {
                    account.addLinked(0, 1);
                    account.addAllocatedBytes(1, -1);
                  }
                  return null;
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    assertThat(account.snapshot().linked()).isEqualTo(3L * rounds);
    assertThat(account.snapshot().allocatedBytes()).isEqualTo(-3L * rounds);
  }
}
