package dev.memdesc.core.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.QueueCounts;
import dev.memdesc.api.spi.QueueEnds;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.fragment.FragmentParts;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.rcu.DeterministicRcu;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RingQueueTest {
  private static final int ENTRIES_LG2 = 2;
  private static final int ENTRY_BYTES = 32;
  private static final long BAD = 0xBAD;
  private static final long FORGET = 0xF0;

  private final PhysicalMemory memory = PhysicalMemory.anonymous(0, 4L << 20, 12);
  private final DescriptorMap descriptors = new DescriptorMap(memory);
  private final BuddyPageAllocator allocator = new BuddyPageAllocator(memory, descriptors, 1);
  private final PooledStructureMemory structures =
      new PooledStructureMemory(
          new FragmentParts(memory, allocator, descriptors, new DeterministicRcu()), 1);
  private final Ends ends = new Ends();
  private final CommandQueue queue =
      new RingQueues(memory, structures, PageAllocator.ANY_NODE, Duration.ofMillis(200))
          .open("ring", ENTRIES_LG2, ENTRY_BYTES, ends);

  /** A unit that consumes a command each time it is looked at. */
  private final class Ends implements QueueEnds {
    final List<Long> seen = new ArrayList<>();
    long told;
    long consumed;
    boolean runs = true;
    boolean refusesForget;
    int strays;
    @Nullable CommandQueue read;
    @Nullable String error;

    private CommandQueue ring() {
      return read == null ? queue : read;
    }

    @Override
    public synchronized void publish(long produced) {
      told = produced;
    }

    @Override
    public synchronized int consumerIndex() {
      if (runs && error == null && consumed < told) {
        long word = memory.loadAcquire(ring().pa() + (consumed & 3) * ENTRY_BYTES);
        if (word == BAD || (refusesForget && word == FORGET)) {
          error = "CERROR_ILL";
        } else {
          seen.add(word);
          consumed++;
        }
      }
      return (int) (consumed & 3) + strays;
    }

    @Override
    public synchronized @Nullable String stopped() {
      return error;
    }

    @Override
    public synchronized void resume() {
      error = null;
    }

    @Override
    public long[] forgetAll() {
      return new long[] {FORGET, 1, 2, 3};
    }
  }

  @AfterEach
  void close() {
    queue.close();
    structures.trim();
    assertThat(allocator.allocatedBytes()).isZero();
    memory.close();
  }

  @Test
  void theRingIsAlignedToItsSize() {
    assertThat(queue.pa() & 127).isZero();
    assertThat(queue.entriesLg2()).isEqualTo(ENTRIES_LG2);
  }

  @Test
  void commandsWrapInTheirOrder() {
    for (long command = 1; command <= 11; command++) {
      queue.put(command, -command);
      queue.drain();
    }
    assertThat(ends.seen).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
    assertThat(queue.counts()).isEqualTo(new QueueCounts(11, 2, 0, 0));
  }

  @Test
  void theRestOfALongCommandIsZero() {
    memory.fill(queue.pa(), 128, -1L);
    queue.put(5, 6);
    assertThat(memory.loadAcquire(queue.pa())).isEqualTo(5);
    assertThat(memory.loadAcquire(queue.pa() + 8)).isEqualTo(6);
    assertThat(memory.loadAcquire(queue.pa() + 16)).isZero();
    assertThat(memory.loadAcquire(queue.pa() + 24)).isZero();
    assertThat(memory.loadAcquire(queue.pa() + 32)).isEqualTo(-1L);
    assertThat(ends.told).as("not published").isZero();
    queue.publish();
    assertThat(ends.told).isEqualTo(1);
  }

  @Test
  void aFullQueueIsPublishedAndWaitedFor() {
    for (long command = 1; command <= 9; command++) {
      queue.put(command, 0);
    }
    queue.drain();
    assertThat(ends.seen).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(queue.counts().fullWaits()).isEqualTo(6);
  }

  @Test
  void aUnitThatDoesNotAnswerIsGivenUp() {
    ends.runs = false;
    queue.put(1, 0);
    queue.put(2, 0);
    queue.put(3, 0);
    assertThatThrownBy(() -> queue.put(4, 0))
        .hasMessageStartingWith("the unit makes room in its queue in time: queue=ring, waited")
        .extracting("reason")
        .isEqualTo(Reason.TOOL);
    assertThatThrownBy(queue::drain)
        .hasMessageStartingWith("the unit consumes its commands in time: queue=ring, waited");
    ends.runs = true;
    queue.put(4, 0);
    queue.drain();
    assertThat(ends.seen).as("nothing was lost").containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void aUnitThatAnswersIsNotGivenUpWhereTheWaiterHadNoProcessor() {
    // The time is over before the first look.
    Ends slow = new Ends();
    CommandQueue late =
        new RingQueues(memory, structures, PageAllocator.ANY_NODE, Duration.ofNanos(1))
            .open("late", ENTRIES_LG2, ENTRY_BYTES, slow);
    slow.read = late;
    for (long command = 1; command <= 9; command++) {
      late.put(command, 0);
    }
    late.drain();
    assertThat(slow.seen).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    slow.runs = false;
    late.put(10, 0);
    assertThatThrownBy(late::drain).hasMessageContaining("queue=late, waitedMillis=");
    late.close();
  }

  @Test
  void aCommandThatIsRefusedIsReplacedByOneThatForgetsEverything() {
    queue.put(1, 0);
    queue.put(BAD, 0);
    queue.put(3, 0);
    queue.drain();
    assertThat(ends.seen).containsExactly(1L, FORGET, 3L);
    assertThat(memory.loadAcquire(queue.pa() + ENTRY_BYTES + 24)).isEqualTo(3);
    queue.put(BAD, 0);
    queue.put(BAD, 0);
    queue.put(6, 0);
    queue.drain();
    assertThat(ends.seen).containsExactly(1L, FORGET, 3L, FORGET, FORGET, 6L);
    assertThat(queue.counts().errors()).isEqualTo(3);
  }

  @Test
  void aLogThatThrowsDoesNotLeaveTheUnitStopped() {
    Logger logger = Logger.getLogger("dev.memdesc.iommu");
    Handler full =
        new StreamHandler() {
          @Override
          public synchronized void publish(LogRecord entry) {
            throw new OutOfMemoryError("planted");
          }
        };
    logger.addHandler(full);
    logger.setUseParentHandlers(false);
    try {
      queue.put(1, 0);
      queue.put(BAD, 0);
      queue.put(3, 0);
      queue.drain();
    } finally {
      logger.removeHandler(full);
      logger.setUseParentHandlers(true);
    }
    assertThat(ends.seen).containsExactly(1L, FORGET, 3L);
    assertThat(queue.counts().errors()).isEqualTo(1);
  }

  @Test
  void aUnitThatRefusesTheReplacementTooIsGivenUp() {
    ends.refusesForget = true;
    queue.put(BAD, 0);
    assertThatThrownBy(queue::drain)
        .hasMessageStartingWith(
            "a unit accepts the command that forgets everything: queue=ring, error=CERROR_ILL")
        .extracting("reason")
        .isEqualTo(Reason.TOOL);
    assertThat(queue.counts().errors()).isEqualTo(1);
  }

  @Test
  void anIndexThatCannotBeIsRefused() {
    queue.put(1, 0);
    queue.publish();
    ends.strays = 2;
    assertThatThrownBy(queue::drain)
        .isInstanceOf(PageTableException.class)
        .hasMessageStartingWith("a unit consumes only commands that it was told of: queue=ring")
        .extracting("reason")
        .isEqualTo(Reason.TOOL);
    ends.strays = 0;
    queue.drain();
  }

  @Test
  void shapesThatNoUnitHasAreRefused() {
    var queues = new RingQueues(memory, structures, 0, Duration.ofSeconds(1));
    for (int[] shape : new int[][] {{0, 16}, {20, 16}, {4, 8}, {4, 24}, {4, 128}}) {
      assertThatThrownBy(() -> queues.open("odd", shape[0], shape[1], ends))
          .extracting("reason")
          .isEqualTo(Reason.INCONSISTENT);
    }
  }

  @Test
  void aClosedQueueIsRefusedAndCloseIsOnce() {
    queue.close();
    queue.close();
    assertThatThrownBy(() -> queue.put(1, 0)).extracting("reason").isEqualTo(Reason.CLOSED);
    assertThatThrownBy(queue::drain).extracting("reason").isEqualTo(Reason.CLOSED);
  }

  @Test
  void manyThreadsPutWholeCommands() throws InterruptedException {
    int threads = 4;
    int each = 500;
    CountDownLatch ready = new CountDownLatch(threads);
    List<Thread> all = new ArrayList<>();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int t = 0; t < threads; t++) {
      long first = (long) (t + 1) << 32;
      all.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    ready.countDown();
                    try {
                      ready.await();
                      for (int i = 0; i < each; i++) {
                        queue.put(first + i, 0);
                        if (i % 7 == 0) {
                          queue.drain();
                        }
                      }
                      queue.drain();
                    } catch (Throwable e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : all) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    assertThat(ends.seen).hasSize(threads * each).doesNotHaveDuplicates();
    assertThat(queue.counts().commands()).isEqualTo((long) threads * each);
  }
}
