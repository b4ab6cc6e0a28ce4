package dev.memdesc.bench.engine;

import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.stamp.MemoryCounts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Counts what operations do to tables. The figures are exact and depend on the format and the
 * engine only, not on the machine, the JVM or the load.
 */
public final class OperationCounts {
  private static final int CYCLES = 64;

  private OperationCounts() {}

  /**
   * What one operation of a row does, a mean over many.
   *
   * @param question the name of its question
   * @param row what is done and to what
   * @param wordsRead words of tables
   * @param wordsWritten words of tables
   * @param linesTouched different lines of 64 bytes among them
   * @param atomics atomic read-modify-writes
   * @param tablesAllocated tables taken from table memory
   */
  public record Line(
      String question,
      String row,
      double wordsRead,
      double wordsWritten,
      double linesTouched,
      double atomics,
      double tablesAllocated) {}

  /** Counts for every row of every question about a format. */
  public static List<Line> of(Collection<ArchBackend> backends, String format) {
    BackendRegistry registry = BackendRegistry.of(backends);
    List<Line> lines = new ArrayList<>();
    for (Question question : Questions.ofSingleOperations(registry.select(format).format())) {
      CountedTableMemory[] memory = new CountedTableMemory[1];
      try (EngineSubject subject =
          EngineSubject.counting(registry, format, delegate -> wrap(memory, delegate))) {
        question.prepare(subject);
        // The first cycle makes the tables that stay.
        question.cycle(subject, 0, Meter.OFF);
        CountMeter meter = new CountMeter(question.rows().size(), memory[0]);
        for (int cycle = 0; cycle < CYCLES; cycle++) {
          question.cycle(subject, cycle, meter);
        }
        lines.addAll(meter.lines(question));
      }
    }
    return lines;
  }

  private static TableMemory wrap(CountedTableMemory[] memory, TableMemory delegate) {
    memory[0] = new CountedTableMemory(delegate);
    return memory[0];
  }

  private static final class CountMeter implements Meter {
    private final CountedTableMemory memory;
    private final long[][] sums;
    private long allocations;

    CountMeter(int rows, CountedTableMemory memory) {
      this.sums = new long[rows][5];
      this.memory = memory;
    }

    @Override
    public void start() {
      allocations = memory.allocations();
      MemoryCounts.reset();
    }

    @Override
    public void stop(int row) {
      MemoryCounts.Counts counts = MemoryCounts.get();
      sums[row][0] += counts.wordsRead();
      sums[row][1] += counts.wordsWritten();
      sums[row][2] += counts.linesTouched();
      sums[row][3] += counts.atomics();
      sums[row][4] += memory.allocations() - allocations;
    }

    List<Line> lines(Question question) {
      List<Line> lines = new ArrayList<>();
      for (int row = 0; row < sums.length; row++) {
        Question.Row of = question.rows().get(row);
        double operations = (double) CYCLES * of.operations();
        lines.add(
            new Line(
                question.name(),
                of.name(),
                sums[row][0] / operations,
                sums[row][1] / operations,
                sums[row][2] / operations,
                sums[row][3] / operations,
                sums[row][4] / operations));
      }
      return lines;
    }
  }
}
