package dev.memdesc.bench.torture;

import dev.memdesc.api.rcu.Reader;
import dev.memdesc.bench.torture.FragmentScenario.Kind;
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
  private final FragmentOwner owner;
  private @Nullable Reader reader;
  // In turns: pages fill up, and become free.
  private boolean filling = true;

  FragmentWorker(FragmentScenario scenario) {
    this.scenario = scenario;
    this.owner = new FragmentOwner(scenario);
  }

  @Override
  public void begin() {
    reader = scenario.rcu.register();
    owner.begin();
  }

  @Override
  public int step(RandomGenerator random) {
    Reader mine = reader;
    if (mine == null) {
      throw new IllegalStateException("a role begins before it steps");
    }
    for (int i = 0; i < OPERATIONS; i++) {
      operate(mine, random.nextInt(scenario.sites.size()), random);
    }
    rarely(mine, random);
    owner.publishCounts();
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
    int site = random.nextInt(scenario.sites.size());
    switch (random.nextInt(256)) {
      case 0, 1, 2 -> {
        owner.count(Kind.TRIMS);
        scenario.sites.get(site).current().trim();
      }
      case 3, 4, 5, 6 -> owner.registerAnew(site);
      case 7, 8 -> {
        owner.count(Kind.OWNERS);
        scenario.sites.get(site).replaceOwner();
      }
      case 9 -> {
        mine.close();
        reader = scenario.rcu.register();
      }
      case 10 -> {
        owner.count(Kind.DEATHS);
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

  /** Frees what no reader has seen, at once. */
  private void freeNow(int site, RandomGenerator random) {
    owner.count(Kind.FREED);
    owner.free(site, owner.allocate(site, random), random);
  }

  /** Gives a fragment to another thread, and frees what one has left here. */
  private void handOver(int site, RandomGenerator random) {
    var handovers = scenario.sites.get(site).handovers;
    OwnedFragment given = owner.allocate(site, random);
    OwnedFragment taken = handovers.getAndSet(random.nextInt(handovers.length()), given);
    if (taken != null) {
      owner.count(Kind.REMOTE);
      owner.free(site, taken, random);
    }
  }

  // Publishing.

  private int slot(int site, RandomGenerator random) {
    return random.nextBoolean()
        ? random.nextInt(HOT_SLOTS)
        : random.nextInt(scenario.sites.get(site).published.length());
  }

  /** Puts a fragment, or nothing, where another was, which readers may be inside. */
  private void replace(int site, int slot, RandomGenerator random) {
    OwnedFragment next =
        random.nextInt(8) < (filling ? 7 : 1) ? owner.allocate(site, random) : null;
    OwnedFragment old = scenario.sites.get(site).published.getAndSet(slot, next);
    if (old != null) {
      owner.defer(site, old, random);
    }
  }

  // Reading.

  private void read(Reader mine, int site, RandomGenerator random) {
    int slot = slot(site, random);
    int depth = random.nextInt(16) == 0 ? 3 : 1;
    owner.count(Kind.READ);
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

  @Override
  public void end() {
    closeReader();
    owner.end();
  }

  private void closeReader() {
    if (reader != null) {
      reader.close();
    }
  }
}
