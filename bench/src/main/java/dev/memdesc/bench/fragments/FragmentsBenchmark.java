package dev.memdesc.bench.fragments;

import dev.memdesc.bench.fragments.FragmentsReport.Line;
import dev.memdesc.bench.policy.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Runs every workload on every policy, side by side. The same seed gives the same figures. */
public final class FragmentsBenchmark {
  /** Is told what is being done. */
  public interface Progress {
    /** For those who do not care. */
    Progress NONE =
        new Progress() {
          @Override
          public void begin(String what) {}

          @Override
          public void add(long steps) {}
        };

    /** A workload begins. */
    void begin(String what);

    /** So many more steps are done, of {@link FragmentsBenchmark#steps}. */
    void add(long steps);
  }

  private final List<Policy> policies;
  private final List<Sharing> sharings;
  private final long seed;
  private final Churn.Size churn;
  private final Ramp.Size ramp;

  /**
   * A benchmark that has not run.
   *
   * @param policies to compare
   * @param sharings numbers of tables a page to compare them at
   */
  public FragmentsBenchmark(
      List<Policy> policies, List<Sharing> sharings, long seed, Churn.Size churn, Ramp.Size ramp) {
    this.policies = List.copyOf(policies);
    this.sharings = List.copyOf(sharings);
    this.seed = seed;
    this.churn = churn;
    this.ramp = ramp;
  }

  /** How many steps there are in all. */
  public long steps() {
    long pairs = 0;
    for (Policy policy : policies) {
      pairs += sharings.stream().filter(sharing -> policy.has(sharing.fragments())).count();
    }
    return pairs * (2L * churn.steps() + ramp.steps());
  }

  /** Runs all of it. */
  public FragmentsReport run(Progress progress) {
    List<Line<Stranded>> stranded = new ArrayList<>();
    List<Line<Dense>> dense = new ArrayList<>();
    List<Line<Churn>> churns = new ArrayList<>();
    List<Line<Churn>> live = new ArrayList<>();
    List<Line<Ramp>> ramps = new ArrayList<>();
    for (Sharing sharing : sharings) {
      for (Policy policy : policies) {
        progress.begin(policy.title() + ", " + sharing.fragments() + " a page");
        stranded.add(line(policy, sharing, () -> Stranded.run(policy, sharing, seed)));
        dense.add(line(policy, sharing, () -> Dense.run(policy, sharing)));
        churns.add(
            line(
                policy,
                sharing,
                () ->
                    Churn.run(
                        policy, sharing, churn, seed, _ -> progress.add(churn.graceEvery()))));
        live.add(
            line(
                policy,
                sharing,
                () ->
                    Churn.runLive(
                        policy, sharing, churn, seed, _ -> progress.add(churn.graceEvery()))));
        ramps.add(
            line(
                policy,
                sharing,
                () -> {
                  Ramp result = Ramp.run(policy, sharing, ramp, seed);
                  progress.add(ramp.steps());
                  return result;
                }));
      }
    }
    return new FragmentsReport(seed, churn, ramp, stranded, dense, churns, live, ramps);
  }

  private static <T> Line<T> line(Policy policy, Sharing sharing, Supplier<T> workload) {
    return new Line<>(
        policy,
        sharing,
        policy.has(sharing.fragments()) ? Optional.of(workload.get()) : Optional.empty());
  }
}
