package dev.memdesc.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two threads cannot both take a step of the life cycle, nor both have the lock. */
final class TableDescriptorRaceTest {
  @Test
  void ofTwoThreadsThatWantTheSameStepExactlyOneWins() throws Exception {
    int rounds = 20_000;
    List<TableDescriptor> tables = Stream.generate(TableDescriptor::new).limit(rounds).toList();
    AtomicInteger arrived = new AtomicInteger();
    Callable<Integer> racer =
        () -> {
          int won = 0;
          for (int round = 0; round < rounds; round++) {
            meet(arrived, 2 * (round + 1));
            try {
              tables.get(round).become(TableState.FREE, TableState.ALLOCATED);
              won++;
            } catch (PageTableException e) {
              assertThat(e.reason()).isEqualTo(Reason.ILLEGAL_STATE);
            }
          }
          return won;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<Integer> one = threads.submit(racer);
      Future<Integer> other = threads.submit(racer);
      int oneWon = one.get();
      int otherWon = other.get();
      assertThat(oneWon + otherWon).as("%d + %d", oneWon, otherWon).isEqualTo(rounds);
    }
    assertThat(tables).allMatch(each -> each.state() == TableState.ALLOCATED);
  }

  @Test
  void aStateThatOneThreadTookIsNotTakenByAnother() throws Exception {
    TableDescriptor table = new TableDescriptor();
    table.become(TableState.FREE, TableState.ALLOCATED);
    table.become(TableState.ALLOCATED, TableState.HOOKED);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger collisions = new AtomicInteger();
    // Until they have met often enough; on a busy machine, for as long as it may take.
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    Callable<Integer> worker =
        () -> {
          int turns = 0;
          // A thread that began late takes a turn too.
          while (turns == 0 || (collisions.get() < 1000 && System.nanoTime() - end < 0)) {
            awaitHooked(table);
            try {
              table.become(TableState.HOOKED, TableState.FROZEN);
            } catch (PageTableException e) {
              collisions.getAndIncrement();
              continue;
            }
            if (inside.incrementAndGet() != 1) {
              throw new AssertionError("both threads froze the table in turn " + turns);
            }
            inside.decrementAndGet();
            table.become(TableState.FROZEN, TableState.HOOKED);
            turns++;
          }
          return turns;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<Integer> one = threads.submit(worker);
      Future<Integer> other = threads.submit(worker);
      assertThat(one.get() + other.get()).as("turns").isPositive();
    }
    assertThat(table.state()).isEqualTo(TableState.HOOKED);
  }

  @Test
  void theLockIsHeldByOneThreadAndNoCountIsLost() throws Exception {
    TableDescriptor table = new TableDescriptor();
    table.become(TableState.FREE, TableState.ALLOCATED);
    table.beHooked(false);
    // Plain, only the lock protects them: turns, who had the last, and how often that changed.
    long[] guarded = new long[3];
    AtomicInteger arrived = new AtomicInteger();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    Callable<Integer> worker =
        () -> {
          int turns = 0;
          long me = Thread.currentThread().threadId();
          meet(arrived, 2);
          boolean more = true;
          while (more) {
            long word = table.lock();
            guarded[0]++;
            guarded[2] += guarded[1] == me ? 0 : 1;
            guarded[1] = me;
            more = guarded[2] < 20_000 && System.nanoTime() - end < 0;
            table.unlock(word, 1);
            turns++;
          }
          return turns;
        };
    int turns;
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<Integer> one = threads.submit(worker);
      Future<Integer> other = threads.submit(worker);
      turns = one.get() + other.get();
    }
    assertThat(guarded[0]).isEqualTo(turns);
    assertThat(table.count()).isEqualTo(turns);
    assertThat(table.state()).isEqualTo(TableState.HOOKED);
  }

  private static void awaitHooked(TableDescriptor table) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    for (int spins = 0; table.state() != TableState.HOOKED; spins++) {
      Thread.onSpinWait();
      if (spins > 1000) {
        LockSupport.parkNanos(1);
        if (System.nanoTime() - deadline > 0) {
          throw new AssertionError("the other thread does not give the table back");
        }
      }
    }
  }

  /** Goes on when both threads are here, at nearly the same moment: a barrier would wake them. */
  private static void meet(AtomicInteger arrived, int expected) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    arrived.getAndIncrement();
    for (int spins = 0; arrived.get() < expected; spins++) {
      Thread.onSpinWait();
      if (spins > 1000) {
        LockSupport.parkNanos(1); // whoever is missing may need this CPU
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("the other thread does not come");
      }
    }
  }
}
