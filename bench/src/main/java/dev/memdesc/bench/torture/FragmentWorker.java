package dev.memdesc.bench.torture;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.bench.torture.FragmentScenario.Kind;
import dev.memdesc.bench.torture.FragmentSite.Seat;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A thread that does everything: it owns, publishes, takes back in every way, and reads. While it
 * is inside a section it takes back what it has found there, so that one thread is enough for the
 * fragment to be used again too early.
 */
final class FragmentWorker implements TortureScenario.Role {
  private static final int OPERATIONS = 64;
  // Of the published ones, those that all threads fight for.
  private static final int HOT_SLOTS = 4;
  private static final int SHORT_LIVED = 16;
  private static final int STAY_NANOS = 50_000;

  private final FragmentScenario scenario;
  private final Seat[] seats;
  private final long[] counts = new long[Kind.values().length];
  private @Nullable Reader reader;
  // In turns: pages fill up, and become free.
  private boolean filling = true;

  FragmentWorker(FragmentScenario scenario) {
    this.scenario = scenario;
    this.seats = new Seat[scenario.sites.size()];
  }

  @Override
  public void begin() {
    reader = scenario.rcu.register();
    for (int i = 0; i < seats.length; i++) {
      seats[i] = scenario.sites.get(i).register();
    }
  }

  @Override
  public int step(RandomGenerator random) {
    Reader mine = reader;
    if (mine == null) {
      throw new IllegalStateException("a role begins before it steps");
    }
    for (int i = 0; i < OPERATIONS; i++) {
      operate(mine, random.nextInt(seats.length), random);
    }
    rarely(mine, random);
    for (Kind kind : Kind.values()) {
      scenario.counts.addAndGet(kind.ordinal(), counts[kind.ordinal()]);
      counts[kind.ordinal()] = 0;
    }
    return OPERATIONS;
  }

  private void operate(Reader mine, int site, RandomGenerator random) {
    switch (random.nextInt(8)) {
      case 0 -> freeNow(site, random);
      case 1 -> handOver(site, random);
      case 2, 3, 4 -> replace(site, slot(site, random), random);
      default -> read(mine, site, random);
    }
  }

  private void rarely(Reader mine, RandomGenerator random) {
    int site = random.nextInt(seats.length);
    switch (random.nextInt(256)) {
      case 0, 1, 2 -> {
        count(Kind.TRIMS);
        scenario.sites.get(site).current().trim();
      }
      case 3, 4, 5, 6 -> {
        seats[site].handle().close();
        seats[site] = scenario.sites.get(site).register();
      }
      case 7, 8 -> {
        count(Kind.OWNERS);
        scenario.sites.get(site).replaceOwner();
      }
      case 9 -> {
        mine.close();
        reader = scenario.rcu.register();
      }
      case 10 -> {
        count(Kind.DEATHS);
        scenario.startShortLived(random.nextLong());
      }
      case 11, 12, 13, 14, 15, 16 -> filling = !filling;
      default -> {}
    }
  }

  /** Lives for a short while and dies with its handles open. */
  void liveShortly(RandomGenerator random) {
    begin();
    for (int i = 1 + random.nextInt(SHORT_LIVED); i > 0; i--) {
      step(random);
    }
    closeReader();
  }

  // Owning.

  private OwnedFragment allocate(int site, RandomGenerator random) {
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
          seats[site].handle().close();
          seats[site] = scenario.sites.get(site).register();
        }
      }
    }
  }

  private void checkOwned(OwnedFragment mine) {
    mine.check(scenario.memory, scenario.violations, "a fragment keeps what its owner wrote");
  }

  /** Frees what no reader has seen, at once. */
  private void freeNow(int site, RandomGenerator random) {
    count(Kind.FREED);
    free(site, allocate(site, random), random);
  }

  /** Gives a fragment to another thread, and frees what one has left here. */
  private void handOver(int site, RandomGenerator random) {
    var handovers = scenario.sites.get(site).handovers;
    OwnedFragment given = allocate(site, random);
    OwnedFragment taken = handovers.getAndSet(random.nextInt(handovers.length()), given);
    if (taken != null) {
      count(Kind.REMOTE);
      free(site, taken, random);
    }
  }

  private void free(int site, OwnedFragment mine, RandomGenerator random) {
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

  /** Whether a fragment is given back through this thread's handle. */
  @SuppressWarnings("ReferenceEquality") // pools are told apart by identity
  private boolean isSeated(int site, OwnedFragment mine, RandomGenerator random) {
    return seats[site].pool() == mine.pool() && random.nextInt(4) != 0;
  }

  // Publishing.

  private int slot(int site, RandomGenerator random) {
    return random.nextBoolean()
        ? random.nextInt(HOT_SLOTS)
        : random.nextInt(scenario.sites.get(site).published.length());
  }

  /** Puts a fragment, or nothing, where another was, which readers may be inside. */
  private void replace(int site, int slot, RandomGenerator random) {
    OwnedFragment next = random.nextInt(8) < (filling ? 7 : 1) ? allocate(site, random) : null;
    OwnedFragment old = scenario.sites.get(site).published.getAndSet(slot, next);
    if (old != null) {
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
  }

  // Reading.

  private void read(Reader mine, int site, RandomGenerator random) {
    int slot = slot(site, random);
    int depth = random.nextInt(16) == 0 ? 3 : 1;
    count(Kind.READ);
    for (int i = 0; i < depth; i++) {
      mine.enter();
    }
    OwnedFragment found = scenario.sites.get(site).published.getAcquire(slot);
    for (int i = 1; i < depth; i++) {
      if (found != null) {
        checkInside(found);
      }
      mine.exit();
    }
    if (found != null) {
      stay(site, slot, random);
      checkInside(found);
    }
    mine.exit();
    mine.quiescent();
  }

  private void checkInside(OwnedFragment found) {
    found.check(scenario.memory, scenario.violations, "what a section has found is not used again");
  }

  private void stay(int site, int slot, RandomGenerator random) {
    switch (random.nextInt(64)) {
      case 0 -> LockSupport.parkNanos(STAY_NANOS);
      case 1, 2, 3, 4 -> {
        // What this section has found goes away, and others are handed out.
        replace(site, slot, random);
        if (random.nextInt(4) == 0) {
          LockSupport.parkNanos(STAY_NANOS);
        }
        for (int i = random.nextInt(8); i > 0; i--) {
          replace(site, random.nextInt(HOT_SLOTS), random);
        }
      }
      default -> {
        for (int i = random.nextInt(64); i > 0; i--) {
          Thread.onSpinWait();
        }
      }
    }
  }

  private void count(Kind kind) {
    counts[kind.ordinal()]++;
  }

  @Override
  public void end() {
    closeReader();
    for (Seat seat : seats) {
      seat.handle().close();
    }
  }

  private void closeReader() {
    if (reader != null) {
      reader.close();
    }
  }
}
