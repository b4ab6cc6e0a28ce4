package dev.memdesc.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.memdesc.core.BackendRegistry;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What operations do to tables, exactly. A change that alters a figure here made the engine do
 * more, or less: say which in the commit.
 */
final class OperationCountsTest {
  private static List<OperationCounts.Line> lines = List.of();

  @BeforeAll
  static void count() {
    try (BackendRegistry registry = BackendRegistry.discover(null)) {
      lines = OperationCounts.of(registry.backends(), EngineBenchmark.FORMAT);
    }
  }

  // What a whole cycle does: of 262144 pages in 512 tables, 8 ranges of 512 pages, one page, or
  // 1026 leaves (512 of 4 KiB, 511 of 2 MiB, 3 of 1 GiB).
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          map 262144 pages, with their tables   | 262144 | 1541 | 262657 | 32834 | 514 | 513
          unmap 262144 pages, with their tables | 262144 | 516 | 1 | 66 | 514 | 0
          map 512 pages into 2 tables           | 4096 | 4160 | 4096 | 516 | 16 | 0
          unmap 512 pages from 2 tables         | 4096 | 4176 | 4096 | 516 | 16 | 0
          map a random page                     | 1 | 4 | 1 | 4 | 1 | 0
          unmap a random page                   | 1 | 4 | 1 | 4 | 1 | 0
          translate a random page               | 1 | 4 | 0 | 4 | 0 | 0
          translate the next page               | 1 | 4 | 0 | 4 | 0 | 0
          map a leaf of mixed sizes             | 1026 | 1038 | 1026 | 131 | 516 | 0
          unmap a leaf of mixed sizes           | 1026 | 1551 | 1026 | 131 | 5 | 0
          translate in mixed sizes              | 1 | 3 | 0 | 3 | 0 | 0
          """)
  void anOperationDoesThis(
      String row, int of, int read, int written, int touched, int atomics, int tables) {
    OperationCounts.Line line =
        lines.stream().filter(found -> found.row().equals(row)).findFirst().orElseThrow();
    assertThat(
            List.of(
                Math.round(line.wordsRead() * of),
                Math.round(line.wordsWritten() * of),
                Math.round(line.linesTouched() * of),
                Math.round(line.atomics() * of),
                Math.round(line.tablesAllocated() * of)))
        .as("words read and written, lines, atomics, tables")
        .containsExactly(
            (long) read, (long) written, (long) touched, (long) atomics, (long) tables);
    assertThat(line.wordsRead() * of).isCloseTo(read, within(1e-6));
  }
}
