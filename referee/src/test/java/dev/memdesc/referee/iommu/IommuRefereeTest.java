package dev.memdesc.referee.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.core.BackendRegistry;
import dev.memdesc.referee.QemuNeeded;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A bounded run for every IOMMU that QEMU has. */
final class IommuRefereeTest {
  private static final long DMAS = 3000;

  static List<String> backends() {
    return ServiceLoader.load(UnitGuest.class).stream().map(one -> one.get().backend()).toList();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void devicesReachWhatTheBooksSay(String backend) {
    QemuNeeded.check();
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println(backend + ": " + DMAS + " DMAs under QEMU, -Dmemdesc.seed=" + seed);
    List<IommuVerdict> verdicts =
        new IommuReferee(() -> BackendRegistry.discover(null), DMAS, seed)
            .referee(backend, done -> {});
    assertThat(verdicts).isNotEmpty();
    for (IommuVerdict verdict : verdicts) {
      System.out.println(verdict);
      assertThat(verdict.first()).isEmpty();
      assertThat(verdict.mismatches()).isZero();
      if (verdict.refereed()) {
        assertThat(verdict.dmas()).isGreaterThanOrEqualTo(DMAS);
        assertThat(verdict.faults()).isGreaterThan(DMAS / 100);
      }
    }
  }
}
