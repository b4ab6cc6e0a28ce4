package dev.memdesc.bench.engine;

import dev.memdesc.bench.Subject;
import java.util.List;

/** One thing to find out: a cycle of phases that leaves the tables as they were. */
public interface Question {
  /** Selects it on the command line. */
  String name();

  /** What it measures, one row for each phase of the cycle. */
  List<Row> rows();

  /** Brings an empty subject to where cycles can begin. */
  void prepare(Subject subject);

  /**
   * Runs every phase once.
   *
   * @param number counts the cycles, so that they need not be all at the same place
   * @param meter is told of each phase
   * @return a sum over results, equal for all subjects that do the same job
   */
  long cycle(Subject subject, int number, Meter meter);

  /**
   * A row of the report.
   *
   * @param name says what is done and to what
   * @param operations how many of them a cycle does: pages, leaves or calls
   */
  record Row(String name, int operations) {}
}
