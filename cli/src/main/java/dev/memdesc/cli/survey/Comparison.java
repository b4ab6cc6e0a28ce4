package dev.memdesc.cli.survey;

import java.util.List;

/**
 * The tables of one process in several formats.
 *
 * @param reports one for each format, of the same process; the first is what the others are
 *     compared with
 */
record Comparison(List<SurveyReport> reports) {
  /** Copies the list. */
  Comparison {
    reports = List.copyOf(reports);
  }

  /** What all reports say alike: who the process is. */
  SurveyReport first() {
    return reports.getFirst();
  }

  /** VmPTE of the process. */
  long kernelKiB() {
    return first().kernelKiB();
  }
}
