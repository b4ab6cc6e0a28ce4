package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A frame that is free is found, whichever cache it is in while others take and give back. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class BuddyContentionTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 200_000;

  @Test
  void nobodyIsRefusedWhileAFrameIsFree() throws Exception {
    BuddyMachine machine = new BuddyMachine(0, 2 * THREADS, 1);
    List<Future<?>> done = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (int thread = 0; thread < THREADS; thread++) {
        done.add(
            threads.submit(
                () -> {
                  // Two at most, so that one is free for whoever wants one.
                  long held = machine.allocate(0);
                  for (int round = 0; round < ROUNDS; round++) {
                    machine.allocator.free(machine.allocate(0), 0);
                  }
                  machine.allocator.free(held, 0);
                }));
      }
    }
    for (Future<?> one : done) {
      one.get();
    }
    machine.checkAsAtStart();
  }

  @Test
  void framesInEveryCacheMergeForALargeBlock() throws Exception {
    BuddyMachine machine = new BuddyMachine(0, 8, 1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      // Of different stripes.
      threads.add(Thread.ofPlatform().start(() -> machine.allocator.free(machine.allocate(0), 0)));
      threads.getLast().join();
    }
    long all = machine.allocate(3);
    assertThat(machine.freeFrames()).isZero();
    machine.allocator.free(all, 3);
    assertThat(machine.allocator.allocate(0, PageAllocator.ANY_NODE, 1 << 12)).isZero();
    machine.allocator.free(0, 0);
    machine.checkAsAtStart();
  }
}
