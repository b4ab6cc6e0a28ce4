package dev.memdesc.bench.fragments;

import dev.memdesc.bench.policy.Policy;
import java.util.List;
import java.util.Optional;

/**
 * What {@link FragmentsBenchmark} found. A policy that lacks a number of tables a page has a line
 * without a result.
 *
 * @param seed of everything that is drawn
 * @param churn how much the churn did
 * @param ramp how much the ramp did
 * @param stranded one table of a page stays
 * @param dense nothing is freed
 * @param churns steady churn
 * @param ramps a peak and what comes after it
 */
public record FragmentsReport(
    long seed,
    Churn.Size churn,
    Ramp.Size ramp,
    List<Line<Stranded>> stranded,
    List<Line<Dense>> dense,
    List<Line<Churn>> churns,
    List<Line<Ramp>> ramps) {
  /** Copies the lists. */
  public FragmentsReport {
    stranded = List.copyOf(stranded);
    dense = List.copyOf(dense);
    churns = List.copyOf(churns);
    ramps = List.copyOf(ramps);
  }

  /**
   * One policy at one workload.
   *
   * @param sharing how many tables share a page
   * @param result nothing if the policy lacks this number
   */
  public record Line<T>(Policy policy, Sharing sharing, Optional<T> result) {}
}
