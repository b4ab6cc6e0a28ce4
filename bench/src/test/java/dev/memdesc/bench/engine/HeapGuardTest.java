package dev.memdesc.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.bench.formats.BenchBackend;
import dev.memdesc.core.BackendRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operations allocate nothing on the Java heap, on existing tables and on recycled ones. */
final class HeapGuardTest {
  private static final int WARM_UP = 20_000;
  private static final int OPERATIONS = 2_000;
  private static final int ATTEMPTS = 5;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long VA = 1L << 36;
  private static final long PA = 1L << 35;

  private static void check(String what, Runnable operations) {
    for (int i = 0; i < WARM_UP; i++) {
      operations.run();
    }
    // The JIT compiler may still replace code; what is left of it allocates once, not each time.
    long least = Long.MAX_VALUE;
    // On a busy machine it gets to hot code late: attempts go on until it has, or for minutes.
    long begin = System.nanoTime();
    for (int attempt = 0;
        attempt < ATTEMPTS
            || (least >= OPERATIONS && System.nanoTime() - begin < PATIENCE.toNanos());
        attempt++) {
      HeapMeter meter = new HeapMeter(1);
      meter.start();
      for (int i = 0; i < OPERATIONS; i++) {
        operations.run();
      }
      meter.stop(0);
      least = Math.min(least, meter.bytes(0));
    }
    assertThat(least).as("bytes allocated by %d times %s", OPERATIONS, what).isLessThan(OPERATIONS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86/4-level", "bench/invalid-bit", "bench/split-pa"})
  void operationsAllocateNothing(String format) {
    var backends = new ArrayList<>(BackendRegistry.discover(null).backends());
    backends.add(new BenchBackend());
    try (EngineSubject subject = EngineSubject.of(BackendRegistry.of(backends), format);
        Gather gather = subject.space().gather()) {
      var space = subject.space();
      long frame = subject.format().frameBytes();
      long span = 1L << subject.format().level(0).spanLg2();
      PageSizes base = new PageSizes(frame);
      // A table that holds something and stays.
      space.map(VA, PA, frame, Attributes.USER_DATA, gather);

      check("translating a page", () -> space.translate(VA, subject.reader()));
      check(
          "mapping and unmapping a page",
          () -> {
            space.map(VA + frame, PA + frame, frame, Attributes.USER_DATA, gather);
            space.unmap(VA + frame, frame, gather);
          });
      check(
          "mapping and unmapping a range in a table",
          () -> {
            space.map(VA + frame, PA, 100 * frame, Attributes.USER_DATA, base, gather);
            space.unmap(VA + frame, 100 * frame, gather);
            gather.flush();
          });
      check(
          "mapping and unmapping four tables",
          () -> {
            space.map(VA + span, PA, 4 * span, Attributes.USER_DATA, base, gather);
            space.unmap(VA + span, 4 * span, gather);
            gather.flush();
            subject.machine().rcu().barrier();
          });
    }
  }

  @Test
  void aMeterSeesWhatIsAllocated() {
    HeapMeter meter = new HeapMeter(1);
    meter.start();
    List<byte[]> kept = new ArrayList<>();
    kept.add(new byte[1 << 16]);
    meter.stop(0);
    assertThat(kept).hasSize(1);
    assertThat(meter.bytes(0)).isGreaterThanOrEqualTo(1 << 16);
  }
}
