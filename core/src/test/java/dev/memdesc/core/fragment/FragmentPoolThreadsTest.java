package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.rcu.RcuOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads with real grace periods. A shared array has fragments that anybody may replace; a reader
 * that found one there sees the same tag in all of its words as long as its section lasts.
 */
final class FragmentPoolThreadsTest {
  private static final int THREADS = 4;
  private static final int SLOTS = 200;
  private static final int FRAGMENT_BYTES = 64;
  private static final long MILLIS = 1200;
  private static final long MOST_MILLIS = 120_000;
  private static final long ENOUGH = 1001;

  private final long seed = Long.getLong("memdesc.seed", System.nanoTime());
  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 64, 1024})
  void nobodyWritesIntoAFragmentThatAReaderIsInside(int n) throws Exception {
    System.out.printf("fragments, threads, n=%d: -Dmemdesc.seed=%d%n", n, seed);
    int frameLg2 = Integer.numberOfTrailingZeros(n * FRAGMENT_BYTES);
    try (PhysicalMemory memory = PhysicalMemory.anonymous(1 << 20, 1L << 30, frameLg2);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      DescriptorMap descriptors = new DescriptorMap(memory);
      BuddyPageAllocator allocator = new BuddyPageAllocator(memory, descriptors, 1);
      // A busy machine keeps readers waiting in their sections: whoever frees much pays.
      Rcu rcu = RcuFlavour.ASYMMETRIC.open(RcuOptions.DEFAULT.withBacklogBound(100));
      MaskedFragmentPool pool =
          new MaskedFragmentPool(
              new FragmentParts(memory, allocator, descriptors, rcu),
              FragmentLayout.of(FRAGMENT_BYTES, n * FRAGMENT_BYTES));
      List<Future<Long>> running = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        running.add(
            threads.submit(new Worker(memory, pool, rcu, new SplittableRandom(seed + t), t)));
      }
      long replaced = 0;
      for (Future<Long> each : running) {
        replaced += each.get();
      }
      assertThat(replaced).as("fragments that were replaced").isGreaterThanOrEqualTo(ENOUGH);
      for (int slot = 0; slot < SLOTS; slot++) {
        if (slots.get(slot) != 0) {
          pool.freeDeferred(slots.getAndSet(slot, 0));
        }
      }
      pool.close();
      rcu.close();
      assertThat(pool.counts().pages()).as("pages").isZero();
      assertThat(allocator.allocatedBytes()).isZero();
    }
  }

  /** Reads, and replaces what others may read. */
  private final class Worker implements Callable<Long> {
    private final PhysicalMemory memory;
    private final MaskedFragmentPool pool;
    private final Rcu rcu;
    private final SplittableRandom random;
    private final int id;
    private FragmentHandle handle;

    Worker(
        PhysicalMemory memory, MaskedFragmentPool pool, Rcu rcu, SplittableRandom random, int id) {
      this.memory = memory;
      this.pool = pool;
      this.rcu = rcu;
      this.random = random;
      this.id = id;
      // Replaced when the thread runs.
      this.handle = pool.register();
      handle.close();
    }

    @Override
    public Long call() {
      long begin = System.nanoTime();
      long replaced = 0;
      handle = pool.register();
      try (Reader reader = rcu.register()) {
        // For a while; on a busy machine until enough was done.
        while (goesOn(System.nanoTime() - begin, replaced)) {
          for (int i = 0; i < 100; i++) {
            read(reader, random.nextInt(SLOTS));
            replaced += replace(random.nextInt(SLOTS));
          }
          if (random.nextInt(20) == 0) {
            handle.close();
            handle = pool.register();
          }
        }
      } finally {
        handle.close();
      }
      return replaced;
    }

    private static boolean goesOn(long nanos, long replaced) {
      return nanos < (replaced < ENOUGH ? MOST_MILLIS : MILLIS) * 1_000_000;
    }

    private void read(Reader reader, int slot) {
      reader.enter();
      try {
        long pa = slots.get(slot);
        if (pa == 0) {
          return;
        }
        long tag = memory.loadAcquire(pa);
        for (int round = 0; round < 4; round++) {
          for (int offset = 0; offset < FRAGMENT_BYTES; offset += 8) {
            if (memory.loadAcquire(pa + offset) != tag) {
              throw new AssertionError("a fragment was used again under a reader: pa=" + pa);
            }
          }
        }
      } finally {
        reader.exit();
      }
    }

    private long replace(int slot) {
      if (random.nextInt(4) == 0) {
        // Never published: freed at once, sometimes past the holder.
        long pa = fill(handle.allocate());
        if (random.nextBoolean()) {
          handle.free(pa);
        } else {
          pool.free(pa);
        }
        return 0;
      }
      long pa = random.nextInt(5) == 0 ? 0 : fill(handle.allocate());
      long old = slots.getAndSet(slot, pa);
      if (old != 0) {
        handle.freeDeferred(old);
      }
      return old != 0 ? 1 : 0;
    }

    private long fill(long pa) {
      long tag = random.nextLong() << 8 | id;
      for (int offset = 0; offset < FRAGMENT_BYTES; offset += 8) {
        memory.storeRelease(pa + offset, tag);
      }
      for (int offset = 0; offset < FRAGMENT_BYTES; offset += 8) {
        if (memory.loadAcquire(pa + offset) != tag) {
          throw new AssertionError("a fragment was handed out twice: pa=" + pa);
        }
      }
      return pa;
    }
  }
}
