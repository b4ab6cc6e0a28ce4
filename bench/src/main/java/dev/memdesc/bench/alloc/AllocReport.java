package dev.memdesc.bench.alloc;

import java.util.List;

/**
 * What {@link AllocBenchmark} found.
 *
 * @param forks how many JVMs measured
 * @param missing what a rival could not be compiled without
 * @param lines a line for each question
 */
public record AllocReport(int forks, List<String> missing, List<Line> lines) {
  /** Copies the lists. */
  public AllocReport {
    missing = List.copyOf(missing);
    lines = List.copyOf(lines);
  }

  /**
   * A question.
   *
   * @param question its name
   * @param row what is done
   * @param nanos for one operation, the median over the forks
   * @param heapBytes that an operation allocates on the Java heap, the most of any fork
   */
  public record Line(
      String question, String row, double nanos, double heapBytes, List<Rival> rivals) {
    /** Copies the list. */
    public Line {
      rivals = List.copyOf(rivals);
    }
  }

  /**
   * A rival.
   *
   * @param nanos of its operation, the median over the forks
   * @param ratio our time as a multiple of its, the median over the forks
   * @param leastRatio the smallest of a fork
   * @param mostRatio the largest of a fork
   */
  public record Rival(
      String name, double nanos, double ratio, double leastRatio, double mostRatio) {}
}
