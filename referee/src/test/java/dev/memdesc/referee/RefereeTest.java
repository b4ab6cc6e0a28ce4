package dev.memdesc.referee;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.BackendRegistry;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A bounded run for every variant that QEMU can walk. */
final class RefereeTest {
  private static final int TABLES = 12;

  static List<String> formats() {
    try (BackendRegistry registry = BackendRegistry.discover(null)) {
      return registry.backends().stream()
          .flatMap(backend -> backend.variants().stream())
          .map(TableFormat::name)
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void qemuSeesWhatThePlainMapSays(String format) {
    QemuNeeded.check();
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println(format + ": " + TABLES + " tables under QEMU, -Dmemdesc.seed=" + seed);
    Verdict verdict =
        new Referee(() -> BackendRegistry.discover(null), TABLES, seed)
            .referee(format, table -> {});
    assertThat(verdict.first()).isEmpty();
    assertThat(verdict.mismatches()).isZero();
    if (verdict.refereed()) {
      assertThat(verdict.accesses()).isGreaterThan(TABLES * 500L);
    }
  }
}
