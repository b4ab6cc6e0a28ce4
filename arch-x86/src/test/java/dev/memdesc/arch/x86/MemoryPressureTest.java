package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.RcuStatistics;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.rcu.DeterministicRcu;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.rcu.RcuOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waits for readers is bounded, shows in the numbers, and is waited for by who needs it. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class MemoryPressureTest {
  private static final Duration FOR_EVER = Duration.ofDays(1);
  private static final long FRAME = 4096;
  private static final long TABLE_SPAN = 2L << 20;
  private static final int CYCLES = 20_000;
  private static final RcuOptions SHORT_PAYMENTS =
      RcuOptions.DEFAULT.withPaymentLimit(Duration.ofMillis(1));

  private static Memdesc.Builder builder(long memoryBytes) {
    return Memdesc.builder()
        .registry(BackendRegistry.of(List.of(new X86Backend())))
        .arch("x86/4-level")
        .memoryBytes(memoryBytes);
  }

  /** Maps a page, takes its table out, flushes: at most one table of level 0 is live. */
  private static void cycle(AddressSpace space, Gather gather) {
    space.map(TABLE_SPAN, 0, FRAME, Attributes.USER_DATA, gather);
    space.unmap(TABLE_SPAN, TABLE_SPAN, gather);
    gather.flush();
  }

  /** Cycles until memory is out; what it is out for. */
  private static PageTableException exhaust(AddressSpace space, Gather gather) {
    return catchThrowableOfType(
        PageTableException.class,
        () -> {
          for (int i = 0; i < CYCLES; i++) {
            cycle(space, gather);
          }
        });
  }

  @Test
  void nobodyRunsOutWhileOneTableIsLive() {
    try (Memdesc machine = builder(4L << 20).memoryTimeout(FOR_EVER).build();
        AddressSpace space = machine.newAddressSpace("space");
        Gather gather = space.gather()) {
      for (int i = 0; i < CYCLES; i++) {
        cycle(space, gather);
      }
      machine.rcu().barrier();
      machine.rcu().barrier();
      assertThat(space.counts().waitingBytes()).isZero();
      assertThat(machine.rcu().statistics().backlogBytes()).isZero();
    }
  }

  @Test
  void aReaderThatStaysInsideIsNamedByTheBytesThatWait() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    try (Memdesc machine =
            builder(4L << 20)
                .memoryTimeout(Duration.ofMillis(50))
                .rcu(() -> RcuFlavour.FENCED.open(SHORT_PAYMENTS))
                .build();
        AddressSpace space = machine.newAddressSpace("space");
        Gather gather = space.gather()) {
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (Reader reader = machine.newReader()) {
                      reader.enter();
                      inside.countDown();
                      awaitUninterrupted(leave);
                      reader.exit();
                    }
                  });
      inside.await();
      PageTableException refused = exhaust(space, gather);
      assertThat(refused).isNotNull();
      assertThat(refused.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
      RcuStatistics statistics = machine.rcu().statistics();
      assertThat(statistics.backlogBytes()).isGreaterThan(3L << 20);
      assertThat(statistics.backlog()).isGreaterThan(700);
      assertThat(statistics.payments()).as("back-pressure").isPositive();
      assertThat(refused).hasMessageContaining("waitingBytes=" + statistics.backlogBytes());
      assertThat(space.counts().waitingBytes()).isEqualTo(statistics.backlogBytes());
      leave.countDown();
      thread.join();
      cycle(space, gather);
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tooManyBytesMakeWhoFlushesPay() throws InterruptedException {
    try (Memdesc machine =
            builder(64L << 20)
                .waitingBytes(16 * FRAME)
                .rcu(() -> RcuFlavour.FENCED.open(SHORT_PAYMENTS))
                .build();
        AddressSpace space = machine.newAddressSpace("space");
        Gather gather = space.gather();
        Reader reader = machine.newReader()) {
      reader.enter();
      for (int i = 0; i < 100; i++) {
        cycle(space, gather);
      }
      assertThat(machine.rcu().statistics().payments()).as("inside nobody pays").isZero();
      reader.exit();
      CountDownLatch inside = new CountDownLatch(1);
      CountDownLatch leave = new CountDownLatch(1);
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (Reader other = machine.newReader()) {
                      other.enter();
                      inside.countDown();
                      awaitUninterrupted(leave);
                      other.exit();
                    }
                  });
      inside.await();
      for (int i = 0; i < 100; i++) {
        cycle(space, gather);
      }
      assertThat(machine.rcu().statistics().payments()).isPositive();
      leave.countDown();
      thread.join();
    }
  }

  @Test
  void nobodyWaitsInsideASectionOfItsOwn() {
    try (Memdesc machine = builder(4L << 20).memoryTimeout(FOR_EVER).build();
        AddressSpace space = machine.newAddressSpace("space");
        Gather gather = space.gather();
        Reader reader = machine.newReader()) {
      reader.enter();
      PageTableException refused = exhaust(space, gather);
      assertThat(refused).isNotNull();
      assertThat(refused.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
      reader.exit();
      // Outside it waits.
      cycle(space, gather);
    }
  }

  @Test
  void whoStepsByHandStepsOnceAndGivesUpIfAReaderIsInside() {
    DeterministicRcu rcu = new DeterministicRcu();
    try (Memdesc machine = builder(4L << 20).memoryTimeout(FOR_EVER).rcu(() -> rcu).build();
        AddressSpace space = machine.newAddressSpace("space");
        Gather gather = space.gather()) {
      assertThat(exhaust(space, gather)).as("it steps").isNull();
      Thread other = readerInside(machine);
      PageTableException refused = exhaust(space, gather);
      assertThat(refused).as("it gives up").isNotNull();
      assertThat(refused).hasMessageContaining("waitingBytes=");
      other.interrupt();
      joinUninterrupted(other);
      cycle(space, gather);
    }
  }

  /** A thread that is in a section until it is interrupted. */
  private static Thread readerInside(Memdesc machine) {
    CountDownLatch inside = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Reader reader = machine.newReader()) {
                    reader.enter();
                    inside.countDown();
                    try {
                      new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                      // It was long enough.
                    }
                    reader.exit();
                  }
                });
    awaitUninterrupted(inside);
    return thread;
  }

  private static void joinUninterrupted(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aRootIsWaitedForToo() {
    try (Memdesc machine = builder(1L << 20).memoryTimeout(FOR_EVER).build()) {
      // Closing waits for nobody: the tables of the last spaces wait for a grace period.
      for (int i = 0; i < CYCLES; i++) {
        try (AddressSpace space = machine.newAddressSpace("space " + i);
            Gather gather = space.gather()) {
          space.map(0, 0, FRAME, Attributes.USER_DATA, gather);
        }
      }
    }
  }
}
