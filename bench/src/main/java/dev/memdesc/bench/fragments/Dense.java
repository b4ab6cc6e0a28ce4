package dev.memdesc.bench.fragments;

import dev.memdesc.bench.policy.Policy;

/**
 * Tables are allocated and nothing is freed: a dense mapping of 1 GiB needs 1024 tables on s390.
 *
 * @param tables how many
 * @param pageBytes what they take
 */
public record Dense(int tables, long pageBytes) {
  /** Page tables that map 1 GiB on s390, 1 MiB each. */
  public static final int TABLES = 1024;

  /** Does it. */
  public static Dense run(Policy policy, Sharing sharing) {
    try (PolicyMachine machine = new PolicyMachine(policy, sharing, new Grace().rcu())) {
      for (int i = 0; i < TABLES; i++) {
        var _ = machine.allocate();
      }
      return new Dense(TABLES, machine.pageBytes());
    }
  }
}
