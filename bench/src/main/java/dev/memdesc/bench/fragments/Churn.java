package dev.memdesc.bench.fragments;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.bench.policy.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * Steady churn: many live tables of which some are never freed; each step frees one of the others,
 * deferred, and allocates one; a grace period passes every so many steps. At the end all go but
 * those that are never freed.
 *
 * @param liveBytes of the live tables
 * @param pageBytes of their pages after the last step
 * @param mostPageBytes at any time that was looked at
 * @param survivorBytes of the tables that are never freed
 * @param survivorPageBytes of the pages when only they are left
 * @param curve bytes of pages over time, at equal distances; the last when only survivors are left
 */
public record Churn(
    long liveBytes,
    long pageBytes,
    long mostPageBytes,
    long survivorBytes,
    long survivorPageBytes,
    List<Long> curve) {
  private static final int SAMPLES = 200;

  /** Copies the list. */
  public Churn {
    curve = List.copyOf(curve);
  }

  /**
   * How much there is to do.
   *
   * @param live tables at any time
   * @param survivors of them that are never freed, chosen by the seed
   * @param steps each frees one and allocates one
   * @param graceEvery steps between grace periods
   */
  public record Size(int live, int survivors, int steps, int graceEvery) {
    /** As in the reports. */
    public static final Size FULL = new Size(100_000, 5_000, 1_000_000, 1_000);

    /** The same with other steps. */
    public Size withSteps(int other) {
      return new Size(live, survivors, other, graceEvery);
    }
  }

  /** Allocated as a multiple of live after the last step. */
  public double ratio() {
    return (double) pageBytes / liveBytes;
  }

  /** The same when only the survivors are left. */
  public double survivorRatio() {
    return (double) survivorPageBytes / survivorBytes;
  }

  /**
   * Does it.
   *
   * @param progress is told how many steps are done, now and then
   */
  public static Churn run(
      Policy policy, Sharing sharing, Size size, long seed, IntConsumer progress) {
    return run(policy, sharing, size, seed, new Grace(), progress);
  }

  /**
   * The same with live grace periods, which come as they come: figures differ from run to run.
   *
   * @param progress as above
   */
  public static Churn runLive(
      Policy policy, Sharing sharing, Size size, long seed, IntConsumer progress) {
    return run(policy, sharing, size, seed, new LivePeriods(), progress);
  }

  private static Churn run(
      Policy policy, Sharing sharing, Size size, long seed, Periods periods, IntConsumer progress) {
    SplittableRandom random = new SplittableRandom(seed);
    try (periods;
        PolicyMachine machine = new PolicyMachine(policy, sharing, periods.rcu())) {
      TableDescriptor[] live = new TableDescriptor[size.live()];
      for (int i = 0; i < live.length; i++) {
        live[i] = machine.allocate();
      }
      chooseSurvivors(live, size.survivors(), random);
      List<Long> curve = new ArrayList<>();
      long most = 0;
      for (int step = 0; step < size.steps(); step++) {
        int victim = random.nextInt(size.survivors(), live.length);
        machine.freeDeferred(live[victim]);
        live[victim] = machine.allocate();
        if ((step + 1) % size.graceEvery() == 0) {
          periods.due();
          most = Math.max(most, machine.pageBytes());
          progress.accept(step + 1);
        }
        if ((long) step * SAMPLES / size.steps() == curve.size()) {
          curve.add(machine.pageBytes());
        }
      }
      final long pages = machine.pageBytes();
      for (int i = size.survivors(); i < live.length; i++) {
        machine.freeDeferred(live[i]);
      }
      periods.drain();
      curve.add(machine.pageBytes());
      return new Churn(
          (long) live.length * sharing.tableBytes(),
          pages,
          Math.max(most, pages),
          (long) size.survivors() * sharing.tableBytes(),
          machine.pageBytes(),
          curve);
    }
  }

  /** Puts those that are never freed first. */
  private static void chooseSurvivors(
      TableDescriptor[] live, int survivors, SplittableRandom random) {
    for (int i = 0; i < survivors; i++) {
      int chosen = random.nextInt(i, live.length);
      TableDescriptor table = live[chosen];
      live[chosen] = live[i];
      live[i] = table;
    }
  }
}
