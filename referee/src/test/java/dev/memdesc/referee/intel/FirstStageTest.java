package dev.memdesc.referee.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.referee.QemuNeeded;
import dev.memdesc.referee.iommu.UnitRing;
import dev.memdesc.referee.qtest.EduDevice;
import org.junit.jupiter.api.Test;

/** VT-d's first stage in QEMU 10: the unit notes in the entries what it did. */
final class FirstStageTest {
  private static final long IOVA = 0x12_3456_7000L;

  @Test
  void theUnitWritesAccessedAndDirtyBack() {
    QemuNeeded.check();
    QemuNeeded.checkNewer();
    IntelSetting setting = IntelSetting.FIRST_STAGE;
    try (UnitRing ring =
        new UnitRing(
            BackendRegistry.discover(null),
            "intel",
            setting,
            setting.qemu().orElseThrow(),
            1,
            1,
            (ram, registers) -> registers)) {
      assertThat(ring.iommu().formats()).hasToString("[intel/fs-48]");
      IommuDomain domain = ring.iommu().newDomain("domain");
      EduDevice device = ring.devices().getFirst();
      domain.attach(device.bdf());
      try (Gather gather = domain.gather()) {
        domain.map(IOVA, ring.dataPa(), 0x2000, Attributes.USER_DATA, gather);
      }
      assertThat(attributes(ring, domain, IOVA).has(Access.ACCESSED)).isFalse();
      device.read(IOVA, 16);
      device.write(IOVA + 0x1000, 16);
      assertThat(attributes(ring, domain, IOVA))
          .isEqualTo(Attributes.USER_DATA.with(Access.ACCESSED));
      assertThat(attributes(ring, domain, IOVA + 0x1000))
          .isEqualTo(Attributes.USER_DATA.with(Access.ACCESSED, Access.DIRTY));
      assertThat(ring.iommu().pollFaults(fault -> {})).isZero();
    }
  }

  /**
   * What keeps the referee from asking for more: QEMU 10 does not note a write in an entry that is
   * accessed already, even if it has nothing of it cached. When this fails, {@code Transfers} may
   * ask.
   */
  @Test
  void aWriteIsNotNotedWhereTheEntryWasAccessed() {
    QemuNeeded.check();
    QemuNeeded.checkNewer();
    IntelSetting setting = IntelSetting.FIRST_STAGE;
    try (UnitRing ring =
        new UnitRing(
            BackendRegistry.discover(null),
            "intel",
            setting,
            setting.qemu().orElseThrow(),
            1,
            1,
            (ram, registers) -> registers)) {
      IommuDomain domain = ring.iommu().newDomain("domain");
      EduDevice device = ring.devices().getFirst();
      domain.attach(device.bdf());
      Attributes accessed = Attributes.USER_DATA.with(Access.ACCESSED);
      try (Gather gather = domain.gather()) {
        domain.map(IOVA, ring.dataPa(), 0x1000, accessed, gather);
      }
      device.write(IOVA, 16);
      assertThat(attributes(ring, domain, IOVA)).isEqualTo(accessed);
    }
  }

  private static Attributes attributes(UnitRing ring, IommuDomain domain, long iova) {
    return domain.lookup(iova, ring.reader()).orElseThrow().attributes();
  }
}
