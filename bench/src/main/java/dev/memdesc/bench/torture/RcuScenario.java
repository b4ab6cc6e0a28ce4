package dev.memdesc.bench.torture;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Torture of RCU: a quarter of the threads publish elements and age what they took away, the others
 * read, with random nesting, and sometimes stay inside or sleep there. In every other half second
 * one updater and one reader have the machine for themselves ({@link RcuDuel}).
 */
public final class RcuScenario implements TortureScenario {
  private static final int THREADS_PER_UPDATER = 4;
  private static final int LINES = 32;
  private static final int LONGS_PER_LINE = 8;

  final Rcu rcu;
  final Violations violations;
  final AtomicLongArray ages = new AtomicLongArray(Element.STAGES + 1);
  // Lines that all threads write, so that stores queue up in the processors: a reader's store to
  // its slot then takes effect as late as hardware allows.
  private final AtomicLongArray traffic = new AtomicLongArray(LINES * LONGS_PER_LINE);
  // Elements that are published or grow older.
  final AtomicLong inUse = new AtomicLong();
  private AtomicReferenceArray<@Nullable Element> published = new AtomicReferenceArray<>(0);
  final RcuDuel duel;

  /**
   * Prepares.
   *
   * @param rcu is closed with this
   */
  public RcuScenario(Rcu rcu, Violations violations) {
    this.rcu = rcu;
    this.violations = violations;
    this.duel = new RcuDuel(this);
  }

  @Override
  public List<Role> roles(int threads) {
    int updaters = Math.max(1, threads / THREADS_PER_UPDATER);
    published = new AtomicReferenceArray<>(updaters);
    List<Role> roles = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      roles.add(i < updaters ? new RcuUpdater(this, i) : new RcuReader(this, i == updaters));
    }
    return roles;
  }

  /** Fills this processor's store buffer with what others write too. */
  void fillStoreBuffer(long value) {
    for (int line = 0; line < LINES; line++) {
      traffic.setOpaque(line * LONGS_PER_LINE, value);
    }
  }

  /** Puts an element where readers find it; returns the one that was there. */
  @Nullable Element publish(int updater, @Nullable Element element) {
    return published.getAndSet(updater, element);
  }

  /** What an updater has published, null before its first. */
  @Nullable Element published(int updater) {
    return published.getAcquire(updater);
  }

  int updaters() {
    return published.length();
  }

  @Override
  public long gracePeriods() {
    return rcu.statistics().gracePeriods();
  }

  @Override
  public long backlogBytes() {
    return rcu.statistics().backlogBytes();
  }

  @Override
  public long progress() {
    RcuStatistics statistics = rcu.statistics();
    return statistics.gracePeriods() + statistics.queued() - statistics.backlog();
  }

  @Override
  public boolean provesSomething() {
    long found = IntStream.range(0, ages.length()).mapToLong(ages::get).sum();
    return gracePeriods() > 0 && found > 0;
  }

  @Override
  public String figures() {
    RcuStatistics statistics = rcu.statistics();
    String byAge =
        IntStream.range(0, ages.length())
            .mapToObj(age -> Long.toString(ages.get(age)))
            .collect(Collectors.joining("/"));
    return "queued=%d backlog=%d backlogBytes=%d payments=%d stalls=%d duels=%d ages=%s"
        .formatted(
            statistics.queued(),
            statistics.backlog(),
            statistics.backlogBytes(),
            statistics.payments(),
            statistics.stalls(),
            duel.met(),
            byAge);
  }

  @Override
  public void close() {
    rcu.close();
    RcuStatistics statistics = rcu.statistics();
    if (statistics.backlog() != 0 || statistics.failures() != 0) {
      violations.add("everything that was queued must have run without throwing: " + statistics);
    }
    if (inUse.get() != 0) {
      violations.add("every element must be freed once: inUse=" + inUse);
    }
  }
}
