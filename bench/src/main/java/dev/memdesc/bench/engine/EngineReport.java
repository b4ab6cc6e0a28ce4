package dev.memdesc.bench.engine;

import java.util.List;
import java.util.Optional;

/**
 * What the benchmark found.
 *
 * @param format the format that was measured
 * @param compiler what compiled the twin; nothing if there is none
 * @param forks how many JVMs of each kind measured
 * @param formats how many formats were loaded and exercised in the second kind
 * @param lines a line for each row of each question
 */
public record EngineReport(
    String format, Optional<String> compiler, int forks, int formats, List<Line> lines) {
  /** Copies the list. */
  public EngineReport {
    lines = List.copyOf(lines);
  }

  /**
   * A row.
   *
   * @param question the name of its question
   * @param row what is done and to what
   * @param nanos per operation, the median over forks
   * @param heapBytes that an operation allocates on the Java heap, the most of any fork
   * @param rivals the engine as a multiple of each twin, in the order of their variants
   * @param manyFormats with many formats loaded as a multiple of one
   */
  public record Line(
      String question,
      String row,
      double nanos,
      double heapBytes,
      List<Rival> rivals,
      Spread manyFormats) {
    /** Copies the list. */
    public Line {
      rivals = List.copyOf(rivals);
    }
  }

  /**
   * A twin in a row.
   *
   * @param title which one
   * @param nanos per operation, the median over forks
   * @param ratio the engine as a multiple of it
   */
  public record Rival(String title, double nanos, Spread ratio) {}

  /**
   * One figure of several forks.
   *
   * @param median over the forks
   * @param min the smallest
   * @param max the largest
   */
  public record Spread(double median, double min, double max) {
    /** Of the figures of forks. */
    static Spread of(List<Double> values) {
      List<Double> sorted = values.stream().sorted().toList();
      int half = sorted.size() / 2;
      double median =
          sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
      return new Spread(median, sorted.getFirst(), sorted.getLast());
    }
  }
}
