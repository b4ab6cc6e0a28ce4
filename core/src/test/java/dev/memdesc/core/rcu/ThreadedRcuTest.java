package dev.memdesc.core.rcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of Rcu on every flavour with threads. */
@Timeout(600)
final class ThreadedRcuTest {
  private final AtomicLong reclaimed = new AtomicLong();

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void everythingQueuedBeforeABarrierHasRunAfterIt(RcuFlavour flavour) {
    try (Rcu rcu = flavour.open();
        RcuBatch batch = rcu.batch(value -> reclaimed.incrementAndGet())) {
      for (int i = 0; i < 10_000; i++) {
        rcu.call(new Counted());
        batch.defer(i);
      }
      batch.flush();
      rcu.barrier();
      assertThat(reclaimed).hasValue(20_000);
      assertThat(rcu.statistics().backlog()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void synchronizeWaitsForASectionThatWasEnteredBefore(RcuFlavour flavour) throws Exception {
    try (Rcu rcu = flavour.open()) {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch leave = new CountDownLatch(1);
      AtomicLong left = new AtomicLong();
      Thread thread = Thread.ofPlatform().start(() -> sectionUntil(rcu, entered, leave, left));
      entered.await();
      long cookie = rcu.cookie();
      Thread.ofPlatform()
          .start(
              () -> {
                pause();
                assertThat(rcu.isOver(cookie)).isFalse();
                left.incrementAndGet();
                leave.countDown();
              });
      rcu.synchronize();
      assertThat(left.get()).isGreaterThanOrEqualTo(1);
      assertThat(rcu.isOver(cookie)).isTrue();
      thread.join();
    }
  }

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void aVirtualThreadsSectionIsWaitedForWhileItIsOffItsCarrier(RcuFlavour flavour)
      throws Exception {
    try (Rcu rcu = flavour.open()) {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch leave = new CountDownLatch(1);
      AtomicLong left = new AtomicLong();
      Thread reader = Thread.ofVirtual().start(() -> sectionUntil(rcu, entered, leave, left));
      entered.await();
      rcu.call(new Counted());
      pause();
      assertThat(reclaimed).hasValue(0);
      leave.countDown();
      Thread waiter = Thread.ofVirtual().start(rcu::barrier);
      waiter.join();
      assertThat(left).hasValue(1);
      assertThat(reclaimed).hasValue(1);
      reader.join();
    }
  }

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void aThreadThatDiesInsideASectionIsNotWaitedForForever(RcuFlavour flavour) throws Exception {
    try (LogCapture log = new LogCapture();
        Rcu rcu = flavour.open()) {
      Thread dying = Thread.ofPlatform().start(() -> rcu.register().enter());
      dying.join();
      rcu.synchronize();
      assertThat(rcu.statistics().deadReaders()).isEqualTo(1);
      assertThat(rcu.statistics().readers()).isZero();
      assertThat(log.messages()).anyMatch(text -> text.contains("closes its reader: reader="));
    }
  }

  @Test
  void readersOfDeadThreadsDoNotPileUp() throws Exception {
    try (Rcu rcu = RcuFlavour.ASYMMETRIC.open()) {
      for (int i = 0; i < 1000; i++) {
        Thread.ofVirtual().start(rcu::register).join();
      }
      assertThat(rcu.statistics().readers()).isLessThan(200);
    }
  }

  @Test
  void aQuiescentReaderDoesNotWaitForItself() {
    try (Rcu rcu = RcuFlavour.QSBR.open();
        Reader reader = rcu.register()) {
      rcu.synchronize();
      rcu.call(new Counted());
      rcu.barrier();
      assertThat(reclaimed).hasValue(1);
      reader.offline();
      assertThatThrownBy(reader::enter).hasMessageContaining("state=offline, depth=0");
      reader.online();
      reader.enter();
      assertThatThrownBy(reader::quiescent).hasMessageContaining("depth=1, needed=0");
      reader.exit();
      assertThatThrownBy(reader::exit).hasMessageContaining("depth=0, needed=at least 1");
    }
  }

  @Test
  void aQuiescentReaderIsWaitedForUntilItSaysSo() throws Exception {
    try (Rcu rcu = RcuFlavour.QSBR.open();
        Reader reader = rcu.register()) {
      Thread waiter = Thread.ofPlatform().start(rcu::synchronize);
      pause();
      assertThat(waiter.isAlive()).isTrue();
      while (waiter.isAlive()) {
        reader.quiescent();
      }
    }
  }

  @Test
  void aCallAboveTheBoundPaysOutsideAndNotInside() throws Exception {
    RcuOptions options =
        RcuOptions.DEFAULT.withBacklogBound(100).withPaymentLimit(Duration.ofMillis(20));
    try (Rcu rcu = RcuFlavour.ASYMMETRIC.open(options);
        Reader reader = rcu.register()) {
      reader.enter();
      for (int i = 0; i < 1000; i++) {
        rcu.call(new Counted());
      }
      awaitBacklog(rcu, 1000);
      rcu.call(new Counted());
      assertThat(rcu.statistics().payments()).as("inside a section").isZero();
      Thread other = Thread.ofPlatform().start(() -> rcu.call(new Counted()));
      other.join();
      assertThat(rcu.statistics().payments()).as("outside").isEqualTo(1);
      assertThat(reclaimed).hasValue(0);
      reader.exit();
      rcu.call(new Counted());
      assertThat(rcu.statistics().backlog()).isLessThanOrEqualTo(100);
    }
    assertThat(reclaimed).hasValue(1003);
  }

  @Test
  void aCallbackThatQueuesAboveTheBoundDoesNotWaitForItself() {
    try (Rcu rcu = RcuFlavour.ASYMMETRIC.open(RcuOptions.DEFAULT.withBacklogBound(1))) {
      for (int i = 0; i < 50; i++) {
        rcu.call(
            new RcuHead() {
              @Override
              protected void reclaim() {
                rcu.call(new Counted());
              }
            });
      }
    }
    assertThat(reclaimed).hasValue(50);
  }

  @Test
  void aCallbackThatThrowsDoesNotStopTheOthers() {
    try (LogCapture log = new LogCapture();
        Rcu rcu = RcuFlavour.FENCED.open();
        RcuBatch batch = rcu.batch(value -> reclaimed.addAndGet(100 / value))) {
      rcu.call(
          new RcuHead() {
            @Override
            protected void reclaim() {
              throw new IllegalStateException("planted");
            }
          });
      rcu.call(new Counted());
      batch.defer(0);
      batch.defer(1);
      batch.flush();
      rcu.barrier();
      assertThat(reclaimed).hasValue(101);
      assertThat(rcu.statistics().failures()).isEqualTo(2);
      assertThat(log.messages()).anyMatch(text -> text.contains("a callback does not throw"));
    }
  }

  @Test
  void aReaderThatStaysInsideIsReportedWithItsStack() throws Exception {
    RcuOptions options = RcuOptions.DEFAULT.withStallTimeout(Duration.ofMillis(20));
    try (LogCapture log = new LogCapture();
        Rcu rcu = RcuFlavour.ASYMMETRIC.open(options)) {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch leave = new CountDownLatch(1);
      Thread staying =
          Thread.ofPlatform()
              .name("staying")
              .start(() -> sectionUntil(rcu, entered, leave, new AtomicLong()));
      entered.await();
      Thread waiter = Thread.ofPlatform().start(rcu::synchronize);
      while (rcu.statistics().stalls() < 2) {
        pause();
      }
      leave.countDown();
      waiter.join();
      staying.join();
      assertThat(log.messages())
          .anyMatch(
              text ->
                  text.contains("a read section is short: reader=staying, depth=1, waited=")
                      && text.contains("sectionUntil"));
    }
  }

  @Test
  void closeRunsWhatCallbacksQueueAndThenRefuses() {
    Rcu rcu = RcuFlavour.ASYMMETRIC.open();
    AtomicLong rounds = new AtomicLong();
    RcuHead again =
        new RcuHead() {
          @Override
          protected void reclaim() {
            if (rounds.incrementAndGet() < 10) {
              rcu.call(this);
            }
          }
        };
    RcuBatch batch = rcu.batch(value -> {});
    RcuBatch begun = rcu.batch(value -> {});
    begun.defer(1);
    rcu.call(again);
    rcu.close();
    rcu.close();
    assertThat(rounds).hasValue(10);
    RcuHead late = new Counted();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> rcu.call(late))
          .isInstanceOfSatisfying(
              PageTableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    }
    assertThatThrownBy(rcu::register).hasMessageContaining("before it is closed");
    assertThatThrownBy(rcu::barrier).hasMessageContaining("before it is closed");
    assertThatThrownBy(() -> batch.defer(1)).hasMessageContaining("before it is closed");
    assertThat(batch.size()).isZero();
    assertThatThrownBy(begun::flush).hasMessageContaining("before it is closed");
    assertThat(begun.size()).isEqualTo(1);
  }

  @Test
  void callsRacingWithCloseAreRunOrRefused() throws Exception {
    for (int round = 0; round < 50; round++) {
      Rcu rcu = RcuFlavour.ASYMMETRIC.open();
      reclaimed.set(0);
      AtomicLong accepted = new AtomicLong();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        callers.add(Thread.ofPlatform().start(() -> callUntilRefused(rcu, accepted)));
      }
      pause();
      rcu.close();
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(reclaimed.get()).isEqualTo(accepted.get());
    }
  }

  @Test
  void aReaderMayBeClosedAfterItsRcu() {
    Rcu rcu = RcuFlavour.ASYMMETRIC.open();
    Reader reader = rcu.register();
    rcu.close();
    reader.enter();
    reader.exit();
    reader.close();
  }

  @Test
  void theSwitchChoosesTheFlavour() {
    assertThat(RcuFlavour.named("fenced")).isEqualTo(RcuFlavour.FENCED);
    assertThat(RcuFlavour.preferred()).isEqualTo(RcuFlavour.ASYMMETRIC);
    assertThatThrownBy(() -> RcuFlavour.named("fast"))
        .hasMessage(
            "a flavour of RCU has a known name: name=fast; one of [asymmetric, fenced, qsbr]");
  }

  private void callUntilRefused(Rcu rcu, AtomicLong accepted) {
    try {
      while (true) {
        rcu.call(new Counted());
        accepted.incrementAndGet();
      }
    } catch (PageTableException e) {
      assertThat(e.reason()).isEqualTo(Reason.CLOSED);
    }
  }

  private static void sectionUntil(
      Rcu rcu, CountDownLatch entered, CountDownLatch leave, AtomicLong left) {
    try (Reader reader = rcu.register()) {
      reader.enter();
      entered.countDown();
      leave.await();
      left.incrementAndGet();
      reader.exit();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitBacklog(Rcu rcu, long backlog) {
    while (rcu.statistics().backlog() < backlog) {
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private final class Counted extends RcuHead {
    @Override
    protected void reclaim() {
      reclaimed.incrementAndGet();
    }
  }
}
