package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.tck.TestMachine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several threads change one space, which they must not: nothing leaks, and they are told. */
final class SoleWriterTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 20_000;
  private static final long FAR = 1L << 40;

  @RegisterExtension final TestMachine machine = TestMachine.of(new X86Backend(), "x86/4-level");

  @Test
  void writersInSeveralThreadsLeakNothing() throws Exception {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("SoleWriterTest: -Dmemdesc.seed=" + seed);
    AddressSpace space = machine.memdesc().newAddressSpace("shared by mistake");
    Map<String, String> unexpected = new ConcurrentHashMap<>();
    CountDownLatch begin = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Random random = new Random(seed + i);
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      begin.await();
                      change(space, random);
                    } catch (Throwable t) {
                      unexpected.put(Thread.currentThread().getName(), t.toString());
                    }
                  }));
    }
    begin.countDown();
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofMinutes(5))).as("%s ends", thread).isTrue();
    }
    space.close();
    machine.settle();
    assertThat(unexpected).isEmpty();
    assertThat(space.counts().linked()).as("linked tables").isZero();
    assertThat(space.counts().deposited()).as("deposited tables").isZero();
    assertThat(space.counts().allocatedBytes()).as("bytes").isZero();
  }

  private static void change(AddressSpace space, Random random) {
    for (int round = 0; round < ROUNDS; round++) {
      try (Gather gather = space.gather()) {
        long va = (long) random.nextInt(16) << 21 | (long) random.nextInt(8) << 12;
        switch (random.nextInt(6)) {
          case 0 -> space.map(va, va, 0x1000, Attributes.USER_DATA, gather);
          case 1 -> space.map(va, va, 1 << 21, Attributes.USER_DATA, gather);
          case 2 -> space.map(va & -1L << 21, 0, 1 << 21, Attributes.USER_DATA, gather);
          case 3 -> space.unmap(va & -1L << 22, 1 << 22, CutLeaf.SPLIT, gather);
          case 4 -> space.unmap(va, 0x1000, CutLeaf.SPLIT, gather);
          default -> space.deposit(va);
        }
      } catch (PageTableException e) {
        if (e.reason() == Reason.INCONSISTENT) {
          throw e;
        }
      }
    }
  }

  @Test
  void aSecondWriterIsToldWhoIsInside() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    try (Memdesc memdesc =
            Memdesc.builder()
                .arch("x86/4-level")
                .memoryBytes(16L << 20)
                .allocator(
                    (memory, descriptors, nodes) ->
                        new SlowAllocator(
                            new BuddyPageAllocator(memory, descriptors, nodes), inside, done))
                .build();
        Reader reader = memdesc.newReader();
        AddressSpace space = memdesc.newAddressSpace("shared by mistake");
        Gather gather = space.gather()) {
      space.map(0, 0, 0x1000, Attributes.USER_DATA, gather);
      Thread first = Thread.ofPlatform().name("first").daemon().start(() -> mapFar(space));
      inside.await();
      assertThatThrownBy(() -> space.unmap(0, 1L << 21, gather))
          .isInstanceOf(PageTableException.class)
          .hasMessageContaining("one thread at a time")
          .hasMessageContaining("inside=first")
          .hasMessageContaining("thread=" + Thread.currentThread().getName())
          .extracting("reason")
          .isEqualTo(Reason.ILLEGAL_STATE);
      assertThatThrownBy(space::close).extracting("reason").isEqualTo(Reason.ILLEGAL_STATE);
      assertThat(space.translate(0, reader)).as("nothing changed").isZero();
      done.countDown();
      assertThat(first.join(Duration.ofMinutes(1))).isTrue();
      assertThat(space.translate(FAR, reader)).isZero();
      assertThat(space.unmap(0, 1L << 21, gather)).isEqualTo(0x1000);
    }
  }

  private static void mapFar(AddressSpace space) {
    try (Gather gather = space.gather()) {
      space.map(FAR, 0, 0x1000, Attributes.USER_DATA, gather);
    }
  }

  /** Keeps the thread that is called "first" inside an allocation. */
  private record SlowAllocator(PageAllocator delegate, CountDownLatch inside, CountDownLatch done)
      implements PageAllocator {
    @Override
    public long allocate(int order, int node, long paLimit) {
      if (Thread.currentThread().getName().equals("first")) {
        inside.countDown();
        try {
          done.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return delegate.allocate(order, node, paLimit);
    }

    @Override
    public void free(long pa, int order) {
      delegate.free(pa, order);
    }

    @Override
    public int nodeOf(long pa) {
      return delegate.nodeOf(pa);
    }

    @Override
    public long allocatedBytes() {
      return delegate.allocatedBytes();
    }

    @Override
    public List<NodeStatistics> statistics() {
      return delegate.statistics();
    }
  }
}
