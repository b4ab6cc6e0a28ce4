package dev.memdesc.core.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.descriptor.Descriptor;
import dev.memdesc.api.descriptor.FreeBlock;
import dev.memdesc.core.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class DescriptorMapTest {
  private static final long FIRST = 1L << 30;
  private static final int SECTION_FRAMES = 1024;

  private static DescriptorMap map(long frames) {
    try (PhysicalMemory memory = PhysicalMemory.anonymous(FIRST, frames << 12, 12)) {
      return new DescriptorMap(memory);
    }
  }

  private static long pa(long frame) {
    return FIRST + (frame << 12);
  }

  @Test
  void aFrameHasTheDescriptorThatItWasGivenAtEveryByte() {
    DescriptorMap map = map(3 * SECTION_FRAMES);
    Descriptor one = new FreeBlock();
    Descriptor other = new FreeBlock();
    map.set(pa(1023), one);
    map.set(pa(1024), other);
    assertThat(map.get(pa(1023))).isSameAs(one);
    assertThat(map.get(pa(1023) + 0xfff)).isSameAs(one);
    assertThat(map.get(pa(1024))).isSameAs(other);
    assertThat(map.get(pa(1022) + 0xfff)).isNull();
    assertThat(map.get(pa(1025))).isNull();
    map.set(pa(1023), null);
    assertThat(map.get(pa(1023))).isNull();
    assertThat(map.get(pa(1024))).isSameAs(other);
  }

  @Test
  void aPaOfNoFrameHasNoDescriptor() {
    // Not a whole section: the last has frames that memory does not have.
    DescriptorMap map = map(1500);
    map.set(pa(0), new FreeBlock());
    map.set(pa(1499), new FreeBlock());
    assertThat(map.get(pa(1499))).isNotNull();
    for (long pa : new long[] {pa(1500), pa(2047), pa(1L << 40), pa(-1), pa(0) - 1, 0, -1L}) {
      assertThat(map.get(pa)).as("pa %x", pa).isNull();
    }
  }

  @Test
  void threadsThatMakeTheSameSectionAllKeepTheirDescriptors() throws Exception {
    int threads = 2;
    int rounds = 100;
    int sections = 100;
    DescriptorMap map = map((long) rounds * sections * SECTION_FRAMES);
    AtomicInteger arrived = new AtomicInteger();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int own = t;
        running.add(
            pool.submit(
                () -> {
                  for (int round = 0; round < rounds; round++) {
                    meet(arrived, threads * (round + 1));
                    // Who comes late finds the section made, is faster, and catches up.
                    for (int i = round * sections; i < (round + 1) * sections; i++) {
                      map.set(pa((long) i * SECTION_FRAMES + own), new FreeBlock());
                    }
                  }
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    for (int section = 0; section < rounds * sections; section++) {
      for (int t = 0; t < threads; t++) {
        if (map.get(pa((long) section * SECTION_FRAMES + t)) == null) {
          throw new AssertionError("thread " + t + " lost its frame of section " + section);
        }
      }
    }
  }

  /** Goes on when all threads are here, at nearly the same moment. */
  private static void meet(AtomicInteger arrived, int expected) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    arrived.getAndIncrement();
    for (int spins = 0; arrived.get() < expected; spins++) {
      Thread.onSpinWait();
      if (spins > 1000) {
        LockSupport.parkNanos(1); // whoever is missing may need this CPU
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("the other threads do not come");
      }
    }
  }
}
