package dev.memdesc.core.memory;

import static dev.memdesc.core.memory.BuddyMachine.ANY;
import static dev.memdesc.core.memory.BuddyMachine.NO_LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.PageAllocator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random blocks against a set of the frames that are handed out. */
final class BuddyRandomTest {
  private static final int STEPS = 40_000;

  private record Block(long pa, int order) {}

  @ParameterizedTest(name = "{1} frames from {0}, {2} nodes")
  @CsvSource({"0, 4096, 1", "1024, 8192, 2", "3, 5000, 3", "1000001, 3333, 1", "7, 40, 4"})
  void liveBlocksNeverOverlapAndAllMergeAgain(long firstFrame, int frames, int nodes) {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("buddy, " + frames + " frames: -Dmemdesc.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    BuddyMachine machine = new BuddyMachine(firstFrame, frames, nodes);
    BitSet used = new BitSet(frames);
    List<Block> live = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      // Phases in which memory fills and empties.
      boolean grow = random.nextInt(100) < (i / 2000 % 2 == 0 ? 60 : 40);
      if (grow) {
        Block block = allocate(machine, random, nodes);
        if (block != null) {
          int at = (int) ((block.pa >>> 12) - firstFrame);
          int end = at + (1 << block.order);
          assertThat(at >= 0 && end <= frames).as("%s lies in memory", block).isTrue();
          int taken = used.nextSetBit(at);
          assertThat(taken < 0 || taken >= end).as("%s was free", block).isTrue();
          used.set(at, end);
          live.add(block);
        }
      } else if (!live.isEmpty()) {
        Block block = live.remove(random.nextInt(live.size()));
        machine.allocator.free(block.pa, block.order);
        int at = (int) ((block.pa >>> 12) - firstFrame);
        used.clear(at, at + (1 << block.order));
      }
      if (i % 256 == 0) {
        assertThat(machine.freeFrames()).isEqualTo(frames - used.cardinality());
        assertThat(machine.allocator.allocatedBytes()).isEqualTo((long) used.cardinality() << 12);
      }
    }
    for (Block block : live) {
      machine.allocator.free(block.pa, block.order);
    }
    machine.checkAsAtStart();
  }

  private static @Nullable Block allocate(
      BuddyMachine machine, SplittableRandom random, int nodes) {
    // Small orders more often than large ones.
    int order = random.nextInt(random.nextInt(1, PageAllocator.MAX_ORDER + 2));
    int node = random.nextInt(-1, nodes);
    long first = machine.frames.firstPa();
    long limit =
        random.nextInt(4) == 0 ? first + random.nextLong(machine.frames.bytes() * 2) : NO_LIMIT;
    try {
      long pa = machine.allocator.allocate(order, node, limit);
      assertThat(pa & ((4096L << order) - 1)).as("alignment of order %d", order).isZero();
      assertThat(Long.compareUnsigned(pa + (4096L << order), limit) <= 0)
          .as("below the limit")
          .isTrue();
      return new Block(pa, order);
    } catch (PageTableException e) {
      assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
      return null;
    }
  }

  @Test
  void threadsAtOnceNeverGetTheSameFrameAndEverythingComesBack() throws Exception {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("buddy, threads: -Dmemdesc.seed=" + seed);
    int threads = 6;
    int frames = 3001;
    BuddyMachine machine = new BuddyMachine(0, frames, 2);
    AtomicIntegerArray users = new AtomicIntegerArray(frames);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<Integer>> running = new ArrayList<>();
      for (int t = 1; t <= threads; t++) {
        SplittableRandom random = new SplittableRandom(seed + t);
        running.add(pool.submit(churn(machine, users, random, t)));
      }
      int allocated = 0;
      for (Future<Integer> each : running) {
        allocated += each.get();
      }
      assertThat(allocated).as("blocks that all threads got").isGreaterThan(1000);
    }
    machine.checkAsAtStart();
  }

  private static Callable<Integer> churn(
      BuddyMachine machine, AtomicIntegerArray users, SplittableRandom random, int id) {
    return () -> {
      List<Block> live = new ArrayList<>();
      int allocated = 0;
      for (int i = 0; i < 20_000; i++) {
        if (random.nextBoolean()) {
          int order = random.nextInt(random.nextInt(1, 7));
          int node = random.nextInt(ANY, 2);
          long pa;
          try {
            pa = machine.allocator.allocate(order, node, NO_LIMIT);
          } catch (PageTableException e) {
            assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
            continue;
          }
          Block block = new Block(pa, order);
          claim(users, block, 0, id);
          live.add(block);
          allocated++;
        } else if (!live.isEmpty()) {
          Block block = live.remove(random.nextInt(live.size()));
          claim(users, block, id, 0);
          machine.allocator.free(block.pa, block.order);
        }
      }
      for (Block block : live) {
        claim(users, block, id, 0);
        machine.allocator.free(block.pa, block.order);
      }
      return allocated;
    };
  }

  private static void claim(AtomicIntegerArray users, Block block, int from, int to) {
    int at = (int) (block.pa >>> 12);
    for (int frame = at; frame < at + (1 << block.order); frame++) {
      if (!users.compareAndSet(frame, from, to)) {
        throw new AssertionError("frame " + frame + " of " + block + " is used by another thread");
      }
    }
  }
}
