package dev.memdesc.core.rcu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording has of RCU. */
final class RcuEventsTest {
  // The reader stays until a stall is reported, so a grace period lasts at least as long.
  private static final Duration STALL = Duration.ofMillis(10);

  @Test
  void gracePeriodsCallbacksPaymentsAndStallsAreRecorded(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("rcu.jfr");
    try (LogCapture log = new LogCapture();
        Recording recording = new Recording()) {
      for (String name : List.of("GracePeriod", "Callbacks", "BackPressure", "Stall")) {
        recording.enable("memdesc." + name).withThreshold(Duration.ZERO);
      }
      recording.start();
      provoke();
      recording.stop();
      recording.dump(file);
      assertThat(log.messages()).isNotEmpty();
    }
    assertThat(named(file, "memdesc.GracePeriod"))
        .isNotEmpty()
        .anySatisfy(event -> assertThat(event.getInt("readers")).isEqualTo(1))
        .anySatisfy(event -> assertThat(event.getDuration()).isGreaterThanOrEqualTo(STALL));
    assertThat(
            named(file, "memdesc.Callbacks").stream()
                .mapToLong(event -> event.getLong("run"))
                .sum())
        .isEqualTo(6);
    assertThat(named(file, "memdesc.BackPressure"))
        .isNotEmpty()
        .allSatisfy(event -> assertThat(event.getBoolean("paid")).isFalse());
    assertThat(named(file, "memdesc.Stall"))
        .isNotEmpty()
        .allSatisfy(event -> assertThat(event.getString("message")).contains("depth=1"));
  }

  /** A reader stays inside while more is queued than may wait. */
  private static void provoke() throws InterruptedException {
    RcuOptions options =
        RcuOptions.DEFAULT
            .withBacklogBound(2)
            .withPaymentLimit(Duration.ofMillis(30))
            .withStallTimeout(STALL);
    try (Rcu rcu = RcuFlavour.ASYMMETRIC.open(options)) {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch leave = new CountDownLatch(1);
      Thread thread = Thread.ofPlatform().start(() -> stay(rcu, entered, leave));
      entered.await();
      for (int i = 0; i < 5; i++) {
        rcu.call(new Nothing());
      }
      while (rcu.statistics().backlog() < 5) {
        Thread.sleep(1);
      }
      rcu.call(new Nothing());
      while (rcu.statistics().stalls() == 0) {
        Thread.sleep(1);
      }
      leave.countDown();
      thread.join();
    }
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

  private static List<RecordedEvent> named(Path file, String name) throws IOException {
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals(name))
        .toList();
  }

  private static final class Nothing extends RcuHead {
    @Override
    protected void reclaim() {}
  }
}
