package dev.memdesc.core.rcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Callbacks run, and barrier and close end, whatever is thrown around them. */
@Timeout(120)
final class CallbackThreadTest {
  private static final String LOG = "dev.memdesc.rcu";
  private final AtomicInteger ran = new AtomicInteger();

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void aLogThatThrowsWhenACallbackFailedLosesNoCallback(RcuFlavour flavour) {
    try (ThrowingLog log = new ThrowingLog(LOG, new OutOfMemoryError("planted"));
        Rcu rcu = flavour.open();
        RcuBatch batch =
            rcu.batch(
                value -> {
                  ran.incrementAndGet();
                  throw new IllegalStateException("planted");
                })) {
      for (int round = 0; round < 10; round++) {
        rcu.call(new Failing());
        rcu.call(new Counted());
        batch.defer(round);
        batch.flush();
        rcu.barrier();
      }
      assertThat(ran).hasValue(30);
      assertThat(rcu.statistics().failures()).isEqualTo(20);
      assertThat(rcu.statistics().backlog()).isZero();
      assertThat(log.asked).hasValue(20);
    }
  }

  @Test
  void aLogThatThrowsAtAStallEndsNoGracePeriod() throws Exception {
    RcuOptions options = RcuOptions.DEFAULT.withStallTimeout(Duration.ofMillis(1));
    try (ThrowingLog log = new ThrowingLog(LOG, new StackOverflowError("planted"));
        Rcu rcu = RcuFlavour.ASYMMETRIC.open(options)) {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch leave = new CountDownLatch(1);
      Thread staying = Thread.ofPlatform().start(() -> stay(rcu, entered, leave));
      entered.await();
      rcu.call(new Counted());
      while (rcu.statistics().stalls() < 2) {
        Thread.sleep(1);
      }
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread waiter =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      rcu.synchronize();
                    } catch (Throwable e) {
                      thrown.set(e);
                    }
                  });
      leave.countDown();
      waiter.join();
      staying.join();
      rcu.barrier();
      assertThat(thrown).hasValue(null);
      assertThat(ran).hasValue(1);
      assertThat(log.asked.get()).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void aLogThatThrowsAtADeadReaderStopsNobody() throws Exception {
    try (ThrowingLog log = new ThrowingLog(LOG, new OutOfMemoryError("planted"));
        Rcu rcu = RcuFlavour.FENCED.open()) {
      Thread.ofPlatform().start(() -> rcu.register().enter()).join();
      rcu.synchronize();
      Thread.ofPlatform().start(() -> rcu.register().enter()).join();
      rcu.call(new Counted());
      rcu.barrier();
      assertThat(ran).hasValue(1);
      assertThat(rcu.statistics().deadReaders()).isEqualTo(2);
      assertThat(log.asked).hasValue(2);
    }
  }

  @Test
  void aCallbackThatLeavesTheInterruptFlagSetLeavesTheThreadAsleep() throws Exception {
    AtomicReference<Thread> worker = new AtomicReference<>();
    try (Rcu rcu = RcuFlavour.ASYMMETRIC.open()) {
      rcu.call(
          new RcuHead() {
            @Override
            protected void reclaim() {
              worker.set(Thread.currentThread());
              Thread.currentThread().interrupt();
            }
          });
      rcu.barrier();
      Thread thread = Objects.requireNonNull(worker.get());
      // A thread that spins never gets there: its flag stays set.
      while (thread.isInterrupted() || thread.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      thread.interrupt();
      while (thread.isInterrupted() || thread.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      rcu.call(new Counted());
      rcu.barrier();
      assertThat(ran).hasValue(1);
    }
  }

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void withoutAnyThreadBarrierAndCloseRunCallbacksThemselves(RcuFlavour flavour) {
    AtomicInteger asked = new AtomicInteger();
    ThreadFactory none =
        work -> {
          asked.incrementAndGet();
          throw new OutOfMemoryError("unable to create native thread (planted)");
        };
    try (LogCapture log = new LogCapture()) {
      Rcu rcu = flavour.open(RcuOptions.DEFAULT, none);
      rcu.call(new Counted());
      rcu.barrier();
      assertThat(ran).hasValue(1);
      rcu.call(new Again(rcu, 3));
      rcu.call(new Counted());
      rcu.close();
      assertThat(ran).hasValue(6);
      assertThat(rcu.statistics().backlog()).isZero();
      assertThat(asked.get()).isGreaterThanOrEqualTo(2);
      assertThat(log.messages()).isNotEmpty();
      assertThatThrownBy(() -> rcu.call(new Counted())).hasMessageContaining("closed");
    }
  }

  @Test
  void aThreadThatDiesIsReplacedByTheNextCaller() throws Exception {
    AtomicInteger started = new AtomicInteger();
    AtomicReference<Thread> first = new AtomicReference<>();
    ThreadFactory dying =
        work -> {
          Runnable run = started.getAndIncrement() == 0 ? () -> {} : work;
          Thread thread = Thread.ofPlatform().daemon().unstarted(run);
          first.compareAndSet(null, thread);
          return thread;
        };
    try (Rcu rcu = RcuFlavour.ASYMMETRIC.open(RcuOptions.DEFAULT, dying)) {
      rcu.call(new Counted());
      Objects.requireNonNull(first.get()).join();
      rcu.call(new Counted());
      rcu.barrier();
      assertThat(ran).hasValue(2);
      assertThat(started).hasValue(2);
    }
  }

  @Test
  void whoeverWaitsForMemoryStartsAThreadThatCouldNotBeHadBefore() {
    AtomicInteger refusals = new AtomicInteger();
    try (LogCapture log = new LogCapture();
        Rcu rcu = RcuFlavour.ASYMMETRIC.open(RcuOptions.DEFAULT, lateThreads(refusals, 1))) {
      rcu.call(new Counted());
      assertThat(ran).hasValue(0);
      assertThat(rcu.reclaim(Duration.ofSeconds(60))).isTrue();
      assertThat(ran).hasValue(1);
      assertThat(log.messages()).hasSize(1);
    }
  }

  @Test
  void whoeverAddsToAHeadThatWaitsStartsAThreadThatCouldNotBeHadBefore() throws Exception {
    AtomicInteger refusals = new AtomicInteger();
    try (LogCapture log = new LogCapture();
        Rcu rcu = RcuFlavour.ASYMMETRIC.open(RcuOptions.DEFAULT, lateThreads(refusals, 2))) {
      rcu.call(new Counted());
      rcu.relieve(Long.MAX_VALUE);
      assertThat(refusals).as("it was asked for again").hasValue(2);
      assertThat(ran).hasValue(0);
      rcu.relieve(Long.MAX_VALUE);
      while (ran.get() == 0) {
        Thread.sleep(1);
      }
      assertThat(log.messages()).hasSize(2);
    }
  }

  /** No thread can be had the first few times. */
  private static ThreadFactory lateThreads(AtomicInteger refusals, int times) {
    return work -> {
      if (refusals.get() < times) {
        refusals.incrementAndGet();
        throw new OutOfMemoryError("unable to create native thread (planted)");
      }
      return RcuFlavour.THREADS.newThread(work);
    };
  }

  @Test
  void aFullHeapLosesNeitherTheThreadNorWhoWaitsForIt() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-XX:+UseSerialGC",
                // Compiled code needs no object for what does not escape.
                "-Xint",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FullHeap.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    assertThat(said).contains("ran=3, same thread=true");
  }

  /** Runs in a child: the last callback of a chain finds no heap, and nobody can be told of it. */
  static final class FullHeap {
    private static final AtomicInteger RAN = new AtomicInteger();
    private static volatile @Nullable Object hoard;
    private static volatile boolean full;
    private static volatile @Nullable Thread worker;

    private FullHeap() {}

    private static final class Filling extends RcuHead {
      private final boolean fills;
      private final OutOfMemoryError planted = new OutOfMemoryError("planted");

      Filling(boolean fills) {
        this.fills = fills;
      }

      @Override
      protected void reclaim() {
        RAN.incrementAndGet();
        worker = Thread.currentThread();
        if (fills) {
          fill();
        }
        throw planted;
      }
    }

    private static void fill() {
      for (int size = 1 << 20; size >= 0; size = size == 0 ? -1 : size / 2) {
        try {
          while (true) {
            @Nullable Object[] more = new Object[1 + size];
            more[0] = hoard;
            hoard = more;
          }
        } catch (OutOfMemoryError e) {
          // As long as smaller ones fit.
        }
      }
      full = true;
    }

    public static void main(String[] args) throws Exception {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try {
                  Thread.sleep(90_000);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                Runtime.getRuntime().halt(3);
              });
      Thread waiter = Thread.currentThread();
      try (Rcu rcu = RcuFlavour.ASYMMETRIC.open()) {
        // So that every class that a report needs is there.
        rcu.call(new Filling(false));
        rcu.barrier();
        Thread first = worker;
        CountDownLatch entered = new CountDownLatch(1);
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try (Reader reader = rcu.register()) {
                    reader.enter();
                    entered.countDown();
                    while (waiter.getState() != Thread.State.TIMED_WAITING) {
                      Thread.onSpinWait();
                    }
                    reader.exit();
                  }
                  while (!full) {
                    Thread.onSpinWait();
                  }
                  try {
                    Thread.sleep(500);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  hoard = null;
                });
        entered.await();
        rcu.call(new Filling(true));
        rcu.barrier();
        rcu.call(new Filling(false));
        rcu.barrier();
        System.out.println("ran=" + RAN + ", same thread=" + Objects.equals(first, worker));
      }
    }
  }

  @Test
  void anErrorInAGracePeriodIsTriedAgainAndLosesNothing() {
    FailingPeriods periods = new FailingPeriods();
    try (LogCapture log = new LogCapture();
        Rcu rcu = threaded(RcuFlavour.FENCED, periods)) {
      periods.left.set(3);
      for (int i = 0; i < 100; i++) {
        rcu.call(new Counted());
      }
      rcu.barrier();
      assertThat(ran).hasValue(100);
      assertThat(periods.left.get()).isNegative();
      assertThat(log.messages()).anyMatch(text -> text.contains("callbacks could not be run"));
    }
  }

  @Test
  void anErrorInACallersGracePeriodLeavesItsReadersOnlineAndLetsOthersDrive() {
    FailingPeriods periods = new FailingPeriods();
    try (Rcu rcu = threaded(RcuFlavour.QSBR, periods);
        Reader reader = rcu.register()) {
      periods.left.set(1);
      assertThatThrownBy(rcu::synchronize).isInstanceOf(OutOfMemoryError.class);
      reader.enter();
      reader.exit();
      long before = rcu.statistics().gracePeriods();
      rcu.synchronize();
      assertThat(rcu.statistics().gracePeriods()).isGreaterThan(before);
      rcu.call(new Counted());
      rcu.barrier();
      assertThat(ran).hasValue(1);
    }
  }

  @Test
  void aHeadThatCannotSayItsWeightAtOnceIsNotLost() {
    try (DeterministicRcu rcu = new DeterministicRcu()) {
      rcu.call(new Counted());
      rcu.call(new Heavy());
      rcu.call(new Counted());
      assertThatThrownBy(rcu::statistics).isInstanceOf(OutOfMemoryError.class);
      rcu.call(new Counted());
      assertThat(rcu.statistics().backlog()).isEqualTo(3 + 7);
      rcu.barrier();
      assertThat(ran).hasValue(4);
      assertThat(rcu.statistics().backlog()).isZero();
    }
  }

  @Test
  void aRuntimeWithoutFlightRecorderRunsCallbacks() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--limit-modules",
                "java.logging,jdk.unsupported",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                WithoutRecorder.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    assertThat(said).contains("ran=1, recorder=false");
  }

  /** Runs in a child. */
  static final class WithoutRecorder {
    private WithoutRecorder() {}

    public static void main(String[] args) {
      // A daemon would let the main thread's failure end the child, but not its waiting.
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try {
                  Thread.sleep(60_000);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                Runtime.getRuntime().halt(3);
              });
      AtomicInteger done = new AtomicInteger();
      try (Rcu rcu = RcuFlavour.ASYMMETRIC.open()) {
        rcu.call(
            new RcuHead() {
              @Override
              protected void reclaim() {
                done.incrementAndGet();
              }
            });
        rcu.barrier();
        rcu.synchronize();
      }
      boolean recorder = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
      System.out.println("ran=" + done + ", recorder=" + recorder);
    }
  }

  private static Rcu threaded(RcuFlavour flavour, GracePeriods periods) {
    return new ThreadedRcu(flavour.readers(), periods, RcuOptions.DEFAULT, RcuFlavour.THREADS);
  }

  private static void stay(Rcu rcu, CountDownLatch entered, CountDownLatch leave) {
    try (Reader reader = rcu.register()) {
      reader.enter();
      entered.countDown();
      leave.await();
      reader.exit();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The heap is full a few times, when the number has been raised. */
  private static final class FailingPeriods extends GracePeriods {
    final AtomicInteger left = new AtomicInteger();

    @Override
    void order() {
      if (left.getAndDecrement() > 0) {
        throw new OutOfMemoryError("planted");
      }
      super.order();
    }
  }

  private final class Counted extends RcuHead {
    @Override
    protected void reclaim() {
      ran.incrementAndGet();
    }
  }

  private final class Failing extends RcuHead {
    @Override
    protected void reclaim() {
      ran.incrementAndGet();
      throw new IllegalStateException("planted");
    }
  }

  /** Queues itself again a few times. */
  private final class Again extends RcuHead {
    private final Rcu rcu;
    private int left;

    Again(Rcu rcu, int left) {
      this.rcu = rcu;
      this.left = left;
    }

    @Override
    protected void reclaim() {
      ran.incrementAndGet();
      if (left > 0) {
        left--;
        rcu.call(this);
      }
    }
  }

  /** Needs heap to count what it stands for, and finds none the first time. */
  private final class Heavy extends WeightedHead {
    private boolean asked;

    @Override
    protected long weight() {
      if (!asked) {
        asked = true;
        throw new OutOfMemoryError("planted");
      }
      return 7;
    }

    @Override
    protected void reclaim() {
      ran.incrementAndGet();
    }
  }
}
