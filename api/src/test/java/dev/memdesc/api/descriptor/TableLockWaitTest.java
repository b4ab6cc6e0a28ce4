package dev.memdesc.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Who waits for a table's lock gives way to whoever has it. */
final class TableLockWaitTest {
  private static final int CARRIERS = 2;
  private static final String DONE = "everybody had the lock";

  @Test
  void moreThreadsThanProcessorsFinishTheirTurns() throws Exception {
    TableDescriptor table = hooked();
    int turns = 2000;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    for (int turn = 0; turn < turns; turn++) {
                      long word = table.lock();
                      for (int work = 0; work < 50; work++) {
                        Thread.onSpinWait();
                      }
                      table.unlock(word, 1);
                    }
                  }));
    }
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofMinutes(5))).as("%s ends", thread).isTrue();
    }
    assertThat(table.count()).isEqualTo(16 * turns);
  }

  @Test
  void anInterruptedWaiterSleepsAndStaysInterrupted() throws Exception {
    TableDescriptor table = hooked();
    long word = table.lock();
    boolean[] interrupted = new boolean[1];
    Thread waiter =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  Thread.currentThread().interrupt();
                  table.unlock(table.lock(), 1);
                  interrupted[0] = Thread.currentThread().isInterrupted();
                });
    // One that spins is never seen like this.
    awaitState(waiter, Thread.State.TIMED_WAITING);
    table.unlock(word, 0);
    assertThat(waiter.join(Duration.ofMinutes(1))).isTrue();
    assertThat(interrupted[0]).as("the flag").isTrue();
    assertThat(table.count()).isEqualTo(1);
  }

  @Test
  void whoKillsALockedTableSleepsUntilItIsUnlocked() throws Exception {
    TableDescriptor table = hooked();
    long word = table.lock();
    Thread killer = Thread.ofPlatform().daemon().start(table::kill);
    awaitState(killer, Thread.State.TIMED_WAITING);
    assertThat(table.state()).isEqualTo(TableState.HOOKED);
    table.unlock(word, 3);
    assertThat(killer.join(Duration.ofMinutes(1))).isTrue();
    assertThat(table.state()).isEqualTo(TableState.DEAD);
    assertThat(table.count()).isEqualTo(3);
  }

  @Test
  void asManyVirtualWaitersAsCarriersLetTheHolderGoOn() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.virtualThreadScheduler.parallelism=" + CARRIERS,
                "-Djdk.virtualThreadScheduler.maxPoolSize=" + CARRIERS,
                "-cp",
                System.getProperty("java.class.path"),
                VirtualThreads.class.getName())
            .redirectErrorStream(true)
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("the virtual threads end").isTrue();
      assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains(DONE);
    } finally {
      process.destroyForcibly();
    }
  }

  private static TableDescriptor hooked() {
    TableDescriptor table = new TableDescriptor();
    table.become(TableState.FREE, TableState.ALLOCATED);
    table.beHooked(false);
    table.unlock(table.lock(), 0);
    return table;
  }

  private static void awaitState(Thread thread, Thread.State state) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (thread.getState() != state) {
      assertThat(System.nanoTime() - deadline).as("%s is %s", thread, state).isNegative();
      Thread.sleep(1);
    }
  }

  /** A process whose virtual threads have as many carriers as wait for a lock. */
  static final class VirtualThreads {
    private VirtualThreads() {}

    /** Locks a table, parks, and has every carrier taken by a waiter meanwhile. */
    public static void main(String[] args) throws InterruptedException {
      TableDescriptor table = hooked();
      CountDownLatch locked = new CountDownLatch(1);
      CountDownLatch waiting = new CountDownLatch(CARRIERS);
      List<Thread> threads = new ArrayList<>();
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    long word = table.lock();
                    locked.countDown();
                    while (waiting.getCount() > 0) {
                      LockSupport.parkNanos(1_000_000);
                    }
                    // Until the waiters have the carriers.
                    LockSupport.parkNanos(100_000_000);
                    table.unlock(word, 1);
                  }));
      locked.await();
      for (int i = 0; i < CARRIERS; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      waiting.countDown();
                      table.unlock(table.lock(), 1);
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      System.out.println(table.count() == CARRIERS + 1 ? DONE : table.toString());
    }
  }
}
