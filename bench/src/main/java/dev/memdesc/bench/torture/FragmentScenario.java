package dev.memdesc.bench.torture;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentLayout.Contents;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuStatistics;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.fragment.FragmentParts;
import dev.memdesc.core.fragment.MaskedFragmentPool;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.rcu.FaultyRcu;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.rcu.RcuOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Torture of fragment pools with 2, 16 and 256 fragments a page: every thread does everything, and
 * everything that is in a fragment is checked, by who owns it and by who may be inside.
 */
public final class FragmentScenario implements TortureScenario {
  /** So many pages may wait for a grace period before frees pay. */
  private static final RcuOptions OPTIONS = RcuOptions.DEFAULT.withBacklogBound(1000);

  private static final long MEMORY_BYTES = 4L << 30;
  private static final int FRAME_LG2 = 12;
  private static final int ORDER_64K = 4;
  private static final int MOST_SHORT_LIVED = 64;

  final Rcu rcu;
  final Violations violations;
  final PhysicalMemory memory;
  final List<FragmentSite> sites;
  final AtomicLongArray counts = new AtomicLongArray(Kind.values().length);
  private final BuddyPageAllocator allocator;
  private final Queue<Thread> shortLived = new ConcurrentLinkedQueue<>();

  /** What is counted for the line of each second. */
  enum Kind {
    ALLOCATED,
    READ,
    /** At once, by who allocated it. */
    FREED,
    /** At once, by another thread. */
    REMOTE,
    DEFERRED,
    /** Of all frees, those of fragments known to be EMPTY. */
    EMPTY,
    TRIMS,
    /** That were closed and replaced. */
    OWNERS,
    /** Threads that left their handles open. */
    DEATHS
  }

  /**
   * Prepares.
   *
   * @param fault planted in grace periods ({@code no-wait}) or in pools ({@code early-reuse},
   *     {@code stale-contents}), or null
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}
   */
  public static FragmentScenario open(
      RcuFlavour flavour, @Nullable String fault, Violations violations) {
    return switch (fault) {
      case null ->
          new FragmentScenario(flavour.open(OPTIONS), violations, MaskedFragmentPool::create);
      case "no-wait" ->
          new FragmentScenario(
              FaultyRcu.open(flavour, FaultyRcu.Fault.NO_WAIT, OPTIONS),
              violations,
              MaskedFragmentPool::create);
      case "early-reuse" ->
          new FragmentScenario(
              flavour.open(OPTIONS),
              violations,
              (parts, layout) -> FaultyPool.create(parts, layout, FaultyPool.Fault.EARLY_REUSE));
      case "stale-contents" ->
          new FragmentScenario(
              flavour.open(OPTIONS),
              violations,
              (parts, layout) -> FaultyPool.create(parts, layout, FaultyPool.Fault.STALE_CONTENTS));
      default ->
          throw PageTableException.because(Reason.UNKNOWN_NAME, "a fault has a known name")
              .with("name", fault)
              .hint("one of [no-wait, early-reuse, stale-contents]")
              .build();
    };
  }

  private FragmentScenario(
      Rcu rcu,
      Violations violations,
      BiFunction<FragmentParts, FragmentLayout, FragmentPool> pools) {
    this.rcu = rcu;
    this.violations = violations;
    this.memory = PhysicalMemory.anonymous(0, MEMORY_BYTES, FRAME_LG2);
    DescriptorMap descriptors = new DescriptorMap(memory);
    this.allocator = new BuddyPageAllocator(memory, descriptors, 1);
    FragmentParts parts = new FragmentParts(memory, allocator, descriptors, rcu);
    this.sites =
        List.of(
            // As s390, with its own EMPTY pattern.
            site(pools, parts, layout(2048, 2, 0, new Contents(0x400, 0, 0)), 32),
            // As powerpc's hash tables, with a shadow half.
            site(pools, parts, layout(4096, 16, ORDER_64K, new Contents(0, 2048, -1)), 128),
            // As powerpc's radix tables.
            site(pools, parts, layout(256, 256, ORDER_64K, new Contents(0, 0, 0)), 1024));
  }

  private static FragmentSite site(
      BiFunction<FragmentParts, FragmentLayout, FragmentPool> pools,
      FragmentParts parts,
      FragmentLayout layout,
      int slots) {
    return new FragmentSite(() -> pools.apply(parts, layout), slots);
  }

  private static FragmentLayout layout(int bytes, int fragments, int order, Contents contents) {
    return new FragmentLayout(
        bytes,
        fragments,
        order,
        PageAllocator.ANY_NODE,
        PageAllocator.NO_LIMIT,
        contents,
        fragments == 16 ? PageChoice.FULLEST_FIRST : PageChoice.NEWEST_FIRST);
  }

  @Override
  public List<Role> roles(int threads) {
    List<Role> roles = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      roles.add(new FragmentWorker(this));
    }
    return roles;
  }

  /** Starts a thread that ends soon and leaves its pages to the pools. */
  void startShortLived(long seed) {
    shortLived.removeIf(thread -> !thread.isAlive());
    if (shortLived.size() >= MOST_SHORT_LIVED) {
      // Started faster than the machine lets them end.
      return;
    }
    // Started first: a thread that did not start yet looks like one that ended.
    shortLived.add(
        Thread.ofPlatform()
            .daemon()
            .name("torture-short-lived")
            .start(() -> liveShortly(new SplittableRandom(seed))));
  }

  private void liveShortly(SplittableRandom random) {
    try {
      new FragmentWorker(this).liveShortly(random);
    } catch (RuntimeException | Error e) {
      Player.report(violations, "torture-short-lived", e);
    }
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
    return gracePeriods() > 0
        && counts.get(Kind.ALLOCATED.ordinal()) > 0
        && counts.get(Kind.READ.ordinal()) > 0;
  }

  @Override
  public String figures() {
    StringBuilder text = new StringBuilder();
    for (Kind kind : Kind.values()) {
      text.append(kind.name().toLowerCase(Locale.ROOT))
          .append('=')
          .append(counts.get(kind.ordinal()))
          .append(' ');
    }
    return text.append("backlog=")
        .append(rcu.statistics().backlog())
        .append(" backlogBytes=")
        .append(rcu.statistics().backlogBytes())
        .append(" pageBytes=")
        .append(allocator.allocatedBytes())
        .toString();
  }

  @Override
  public void close() {
    for (Thread thread = shortLived.poll(); thread != null; thread = shortLived.poll()) {
      join(thread);
    }
    sites.forEach(FragmentSite::close);
    rcu.close();
    RcuStatistics statistics = rcu.statistics();
    if (statistics.backlog() != 0 || statistics.failures() != 0) {
      violations.add("everything that was queued must have run without throwing: " + statistics);
    }
    int pages = sites.stream().mapToInt(FragmentSite::pagesLeft).sum();
    if (pages != 0 || allocator.allocatedBytes() != 0) {
      violations.add(
          "every page must go back to the page allocator: pages=%d, allocatedBytes=%d"
              .formatted(pages, allocator.allocatedBytes()));
    }
    memory.close();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("torture is not interrupted", e);
    }
  }
}
