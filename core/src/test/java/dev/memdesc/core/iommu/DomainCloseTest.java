package dev.memdesc.core.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A domain and its unit are closed by two threads at once. */
@Timeout(120)
class DomainCloseTest {
  @Test
  void aDomainMayBeClosedWhileItsUnitIs() throws Exception {
    try (UnitMachine machine =
        new UnitMachine(
            UnitFormats.granule("tiny/4k", 12),
            List.of(),
            UnitFormats.granule("fake-unit/4k", 12))) {
      Iommu iommu = machine.open();
      IommuDomain early = iommu.newDomain("early");
      IommuDomain late = iommu.newDomain("late");
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread other = Thread.ofPlatform().unstarted(() -> close(early, thrown));
      // The unit's close begins with the domain that was made last; meanwhile the other thread
      // comes for the first one, and has to wait for the unit's books.
      machine.unit.whenADomainEnds =
          () -> {
            machine.unit.whenADomainEnds = () -> {};
            other.start();
            while (other.getState() != Thread.State.BLOCKED) {
              Thread.onSpinWait();
            }
          };
      iommu.close();
      other.join();
      assertThat(thrown).hasValue(null);
      machine.settle();
      assertThat(early.counts().allocatedBytes()).isZero();
      assertThat(late.counts().allocatedBytes()).isZero();
    }
  }

  private static void close(IommuDomain domain, AtomicReference<Throwable> thrown) {
    try {
      domain.close();
    } catch (Throwable e) {
      thrown.set(e);
    }
  }
}
