package dev.memdesc.bench.fragments;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.bench.policy.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A ramp: many tables are allocated, most of them freed at random, and the rest churns: does what a
 * peak scattered come together again?
 *
 * @param peakPageBytes pages at the peak
 * @param lowPageBytes after most were freed and their grace periods are over
 * @param pageBytes after the churn
 * @param liveBytes of the tables that are live after the peak
 */
public record Ramp(long peakPageBytes, long lowPageBytes, long pageBytes, long liveBytes) {
  /**
   * How much there is to do.
   *
   * @param peak tables at the peak
   * @param low tables that are left of them
   * @param steps of the churn, each frees one and allocates one
   * @param graceEvery steps between grace periods
   */
  public record Size(int peak, int low, int steps, int graceEvery) {
    /** As in the reports. */
    public static final Size FULL = new Size(20_000, 6_000, 60_000, 100);
  }

  /** Allocated as a multiple of live when most were just freed. */
  public double lowRatio() {
    return (double) lowPageBytes / liveBytes;
  }

  /** The same after the churn. */
  public double ratio() {
    return (double) pageBytes / liveBytes;
  }

  /** Does it. */
  public static Ramp run(Policy policy, Sharing sharing, Size size, long seed) {
    Grace grace = new Grace();
    SplittableRandom random = new SplittableRandom(seed);
    try (PolicyMachine machine = new PolicyMachine(policy, sharing, grace.rcu())) {
      List<TableDescriptor> live = new ArrayList<>();
      for (int i = 0; i < size.peak(); i++) {
        live.add(machine.allocate());
      }
      final long peak = machine.pageBytes();
      while (live.size() > size.low()) {
        TableDescriptor last = live.removeLast();
        int victim = random.nextInt(live.size() + 1);
        machine.freeDeferred(victim == live.size() ? last : live.set(victim, last));
      }
      grace.drain();
      final long low = machine.pageBytes();
      for (int step = 1; step <= size.steps(); step++) {
        int victim = random.nextInt(live.size());
        machine.freeDeferred(live.get(victim));
        live.set(victim, machine.allocate());
        if (step % size.graceEvery() == 0) {
          grace.pass(1);
        }
      }
      return new Ramp(peak, low, machine.pageBytes(), (long) size.low() * sharing.tableBytes());
    }
  }
}
