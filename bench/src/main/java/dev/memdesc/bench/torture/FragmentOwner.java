package dev.memdesc.bench.torture;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.bench.torture.FragmentScenario.Kind;
import dev.memdesc.bench.torture.FragmentSite.Seat;
import java.util.random.RandomGenerator;

/**
 * A thread's way to get fragments and to give them back: mostly by its handles, sometimes past
 * them. What it gets is checked and written, what it gives back is checked first.
 */
final class FragmentOwner {
  private final FragmentScenario scenario;
  private final Seat[] seats;
  private final long[] counts = new long[Kind.values().length];

  FragmentOwner(FragmentScenario scenario) {
    this.scenario = scenario;
    this.seats = new Seat[scenario.sites.size()];
  }

  /** Registers the calling thread everywhere. */
  void begin() {
    for (int site = 0; site < seats.length; site++) {
      seats[site] = scenario.sites.get(site).register();
    }
  }

  /** Closes a handle and registers again. */
  void registerAnew(int site) {
    seats[site].handle().close();
    seats[site] = scenario.sites.get(site).register();
  }

  /** A fragment with new contents, or with none. */
  OwnedFragment allocate(int site, RandomGenerator random) {
    while (true) {
      boolean seated = random.nextInt(4) != 0;
      FragmentPool pool = seated ? seats[site].pool() : scenario.sites.get(site).current();
      try {
        long pa = seated ? seats[site].handle().allocate() : pool.allocate();
        count(Kind.ALLOCATED);
        OwnedFragment issued = new OwnedFragment(pool, pa, OwnedFragment.EMPTY);
        issued.check(scenario.memory, scenario.violations, "a fragment is handed out EMPTY");
        if (random.nextInt(8) == 0) {
          return issued;
        }
        OwnedFragment written = new OwnedFragment(pool, pa, random.nextLong() | 1);
        written.write(scenario.memory);
        return written;
      } catch (PageTableException e) {
        if (e.reason() != Reason.CLOSED) {
          throw e;
        }
        if (seated) {
          registerAnew(site);
        }
      }
    }
  }

  private void checkOwned(OwnedFragment mine) {
    mine.check(scenario.memory, scenario.violations, "a fragment keeps what its owner wrote");
  }

  /** Takes a fragment back that nobody can see. */
  void free(int site, OwnedFragment mine, RandomGenerator random) {
    checkOwned(mine);
    OwnedFragment last = mine;
    if (random.nextInt(4) == 0) {
      last = mine.clear(scenario.memory);
    }
    boolean seated = isSeated(site, last, random);
    if (last.generation() == OwnedFragment.EMPTY) {
      count(Kind.EMPTY);
      if (seated) {
        seats[site].handle().freeEmpty(last.pa());
      } else {
        last.pool().freeEmpty(last.pa());
      }
    } else if (seated) {
      seats[site].handle().free(last.pa());
    } else {
      last.pool().free(last.pa());
    }
  }

  /** Takes a fragment back that readers may be inside. */
  void defer(int site, OwnedFragment old, RandomGenerator random) {
    checkOwned(old);
    count(Kind.DEFERRED);
    boolean seated = isSeated(site, old, random);
    if (old.generation() == OwnedFragment.EMPTY) {
      count(Kind.EMPTY);
      if (seated) {
        seats[site].handle().freeEmptyDeferred(old.pa());
      } else {
        old.pool().freeEmptyDeferred(old.pa());
      }
    } else if (seated) {
      seats[site].handle().freeDeferred(old.pa());
    } else {
      old.pool().freeDeferred(old.pa());
    }
  }

  /** Whether a fragment is given back through this thread's handle. */
  @SuppressWarnings("ReferenceEquality") // pools are told apart by identity
  private boolean isSeated(int site, OwnedFragment mine, RandomGenerator random) {
    return seats[site].pool() == mine.pool() && random.nextInt(4) != 0;
  }

  void count(Kind kind) {
    counts[kind.ordinal()]++;
  }

  /** Adds this thread's counts to those of all. */
  void publishCounts() {
    for (Kind kind : Kind.values()) {
      scenario.counts.addAndGet(kind.ordinal(), counts[kind.ordinal()]);
      counts[kind.ordinal()] = 0;
    }
  }

  /** Closes every handle. */
  void end() {
    for (Seat seat : seats) {
      seat.handle().close();
    }
  }
}
