package dev.memdesc.bench.fragments;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.bench.policy.Policy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * All tables of a page are allocated and all but one are freed, deferred: what is held, and is it
 * used again? 256 tables of 256 bytes on powerpc's radix-64K are where it shows most.
 *
 * @param fullBytes pages with all tables live
 * @param heldBytes pages with one table live, after two grace periods
 * @param newPageBytes more pages that are taken to allocate the others again
 * @param emptyBytes pages after the last is freed too, and two more grace periods
 */
public record Stranded(long fullBytes, long heldBytes, long newPageBytes, long emptyBytes) {
  private static final int GRACE_PERIODS = 2;

  /** Does it. */
  public static Stranded run(Policy policy, Sharing sharing, long seed) {
    Grace grace = new Grace();
    try (PolicyMachine machine = new PolicyMachine(policy, sharing, grace.rcu())) {
      List<TableDescriptor> live = new ArrayList<>();
      allocate(machine, live, sharing.fragments());
      final long full = machine.pageBytes();
      Collections.shuffle(live, new Random(seed));
      freeAllBut(1, machine, live);
      grace.pass(GRACE_PERIODS);
      final long held = machine.pageBytes();
      allocate(machine, live, sharing.fragments() - 1);
      final long again = machine.pageBytes();
      freeAllBut(0, machine, live);
      grace.pass(GRACE_PERIODS);
      machine.closeOwner();
      return new Stranded(full, held, again - held, machine.pageBytes());
    }
  }

  private static void allocate(PolicyMachine machine, List<TableDescriptor> live, int tables) {
    for (int i = 0; i < tables; i++) {
      live.add(machine.allocate());
    }
  }

  private static void freeAllBut(int rest, PolicyMachine machine, List<TableDescriptor> live) {
    while (live.size() > rest) {
      machine.freeDeferred(live.removeLast());
    }
  }
}
