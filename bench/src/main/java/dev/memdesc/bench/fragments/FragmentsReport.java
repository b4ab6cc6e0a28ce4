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
 * @param live the same churn with live grace periods: not the same figures each time
 * @param ramps a peak and what comes after it
 */
public record FragmentsReport(
    long seed,
    Churn.Size churn,
    Ramp.Size ramp,
    List<Line<Stranded>> stranded,
    List<Line<Dense>> dense,
    List<Line<Churn>> churns,
    List<Line<Churn>> live,
    List<Line<Ramp>> ramps) {
  /** Copies the lists. */
  public FragmentsReport {
    stranded = List.copyOf(stranded);
    dense = List.copyOf(dense);
    churns = List.copyOf(churns);
    live = List.copyOf(live);
    ramps = List.copyOf(ramps);
  }

  /** How many heads may wait in {@link #live} before whoever frees pays. */
  public static int backlogBound() {
    return LivePeriods.BACKLOG_BOUND;
  }

  /**
   * One policy at one workload.
   *
   * @param sharing how many tables share a page
   * @param result nothing if the policy lacks this number
   */
  public record Line<T>(Policy policy, Sharing sharing, Optional<T> result) {}
}
