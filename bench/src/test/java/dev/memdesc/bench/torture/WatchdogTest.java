package dev.memdesc.bench.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Alarms: threads that hang are told from threads that only were not there yet. */
@Timeout(300)
final class WatchdogTest {
  private final Violations violations = new Violations();
  private final CountDownLatch never = new CountDownLatch(1);

  @Test
  void aThreadThatBeginsLateIsNoAlarm() {
    // Longer than the watchdog's patience without a grace period, but computing.
    Idle scenario =
        new Idle() {
          @Override
          public long progress() {
            return System.nanoTime();
          }

          @Override
          void begin() {
            sleep(7_000);
          }
        };
    Torture.Status end = new Torture(scenario, violations).run(1, 2, 1, status -> {});
    assertThat(violations.texts()).isEmpty();
    assertThat(end.seconds()).as("counted from when all have begun").isLessThan(100);
    assertThat(end.operations()).isPositive();
    assertThat(scenario.closed).isTrue();
  }

  @Test
  void threadsThatWaitForEachOtherAreAnAlarm() {
    Idle scenario =
        new Idle() {
          @Override
          int step() {
            await(never);
            return 1;
          }
        };
    Torture.Status end = new Torture(scenario, violations).run(120, 2, 1, status -> {});
    assertThat(violations.texts().getFirst())
        .startsWith("grace periods must end: gracePeriods=0, watchedMillis=")
        .contains("thread=torture-0, state=WAITING");
    assertThat(violations.found()).as("is what no check has seen").isFalse();
    assertThat(end.violations()).isPositive();
    never.countDown();
  }

  @Test
  void aRunWithoutGracePeriodsProvesNothing() {
    Torture.Status end =
        new Torture(
                new Idle() {
                  @Override
                  public long progress() {
                    return System.nanoTime();
                  }
                },
                violations)
            .run(1, 2, 1, status -> {});
    assertThat(end.proven()).isFalse();
    assertThat(end.seconds()).as("it was given more time").isGreaterThan(1);
  }

  @Test
  void whatDoesNotCloseIsAnAlarm() {
    Idle scenario =
        new Idle() {
          @Override
          public void close() {
            await(never);
          }
        };
    Torture torture = new Torture(scenario, violations);
    torture.stop();
    torture.run(60, 2, 1, status -> {});
    assertThat(violations.texts().getFirst())
        .startsWith("what was tortured must close: ")
        .contains("thread=torture-close");
    never.countDown();
  }

  /** Threads without grace periods. */
  private static class Idle implements TortureScenario {
    final AtomicBoolean closed = new AtomicBoolean();

    void begin() {}

    int step() {
      sleep(1);
      return 1;
    }

    @Override
    public List<Role> roles(int threads) {
      Role role =
          new Role() {
            @Override
            public void begin() {
              Idle.this.begin();
            }

            @Override
            public int step(RandomGenerator random) {
              return Idle.this.step();
            }
          };
      return List.of(role, role);
    }

    @Override
    public long gracePeriods() {
      return 0;
    }

    @Override
    public long backlogBytes() {
      return 0;
    }

    @Override
    public long progress() {
      return 0;
    }

    @Override
    public boolean provesSomething() {
      return false;
    }

    @Override
    public String figures() {
      return "";
    }

    @Override
    public void close() {
      closed.set(true);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts", e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts", e);
    }
  }
}
