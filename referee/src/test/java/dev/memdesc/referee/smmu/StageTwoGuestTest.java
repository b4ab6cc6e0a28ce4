package dev.memdesc.referee.smmu;

import static dev.memdesc.referee.smmu.SmmuRig.RO;
import static dev.memdesc.referee.smmu.SmmuRig.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Gather;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.IommuFault.Kind;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.referee.qtest.EduDevice;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What only the newer QEMU has: stage 2, both stages, and faults of the access flag. */
final class StageTwoGuestTest {
  private static final long SOURCE = 0x10000;
  private static final long TARGET = 0x20000;
  private static final long AF = 1 << 10;
  private static final String TEXT = "DEVICE DATA 1234";

  private static SmmuRig rig() {
    return new SmmuRig(2, UnaryOperator.identity(), SmmuGuestOnNewerQemuTest.newer());
  }

  private static IommuFault onlyFault(SmmuRig rig) {
    return assertThat(rig.faults()).singleElement().actual();
  }

  private static EduDevice loaded(SmmuRig rig, IommuDomain domain) {
    long source = rig.data(1 << 16);
    rig.map(domain, SOURCE, source, 1 << 16, RO);
    EduDevice device = rig.device(0);
    domain.attach(device.bdf());
    rig.load(device, SOURCE, source, TEXT);
    assertThat(rig.faults()).isEmpty();
    return device;
  }

  @ParameterizedTest
  @CsvSource({
    // Of tables side by side QEMU 10.0.2 walks the first only: so many bits of ipa lead there.
    "arm-smmu/s2-4k-40, 39",
    "arm-smmu/s2-4k-44, 44",
    "arm-smmu/s2-16k-40, 36",
    "arm-smmu/s2-64k-42, 42",
  })
  void stageTwoAlone(String format, int bits) {
    try (SmmuRig rig = rig()) {
      IommuDomain domain = rig.iommu.newDomain("one", format);
      EduDevice device = loaded(rig, domain);
      long target = rig.data(1 << 16);
      for (long ipa : new long[] {TARGET, 1L << (bits - 1), (1L << bits) - (1 << 16)}) {
        rig.map(domain, ipa, target, 1 << 16, RW);
        device.write(ipa + 0x1230, 4);
        assertThat(rig.text(target + 0x1230, 4)).as(format).isEqualTo("DEVI");
        try (Gather gather = domain.gather()) {
          domain.unmap(ipa, 1 << 16, gather);
          rig.guest.ram().store(target + 0x1230, 0);
          device.write(ipa + 0x1230, 4);
          assertThat(rig.text(target + 0x1230, 4)).as("not told yet").isEqualTo("DEVI");
        }
        rig.guest.ram().store(target + 0x1230, 0);
        device.write(ipa + 0x1230, 4);
        assertThat(rig.guest.ram().load(target + 0x1230)).isZero();
        assertThat(onlyFault(rig))
            .isEqualTo(
                new IommuFault(
                    device.bdf(), -1, ipa + 0x1230, true, Kind.NOT_MAPPED, 0x10, "F_TRANSLATION"));
      }
      // A refused write to a page whose translation QEMU has cached is not recorded.
      rig.map(domain, TARGET, target, 1 << 16, RO);
      device.write(TARGET, 4);
      assertThat(onlyFault(rig).kind()).isEqualTo(Kind.PERMISSION);
      int blockLg2 = domain.format().level(1).shift();
      long block = rig.data(1L << blockLg2);
      rig.map(domain, 1L << blockLg2, block, 1L << blockLg2, RW);
      device.write((1L << blockLg2) + 0x45678, 4);
      assertThat(rig.text(block + 0x45678, 4)).isEqualTo("DEVI");
      assertThat(rig.faults()).isEmpty();
    }
  }

  @Test
  void nested() {
    try (SmmuRig rig = rig()) {
      IommuDomain second = rig.iommu.newDomain("second", "arm-smmu/s2-4k-40");
      // Tables and structures lie at their own address; data does not.
      long first = rig.memdesc.memory().firstPa();
      rig.map(second, first, first, rig.memdesc.memory().bytes(), RW);
      IommuDomain domain = rig.iommu.newNestedDomain("guest", "arm-smmu/s1-4k-48", second);
      EduDevice device = rig.device(0);
      domain.attach(device.bdf());
      long source = rig.data(1 << 12);
      long target = rig.data(1 << 12);
      long ipa = 0x70_0000_0000L;
      rig.map(second, ipa, source, 1 << 12, RW);
      rig.map(second, ipa + 0x1000, target, 1 << 12, RW);
      rig.map(domain, SOURCE, ipa, 1 << 12, RO);
      rig.map(domain, TARGET, ipa + 0x1000, 1 << 12, RW);
      rig.load(device, SOURCE, source, TEXT);
      device.write(TARGET + 0x120, 4);
      assertThat(rig.text(target + 0x120, 4)).isEqualTo("DEVI");
      assertThat(rig.faults()).isEmpty();

      // What both stages made is forgotten too.
      rig.unmap(second, ipa + 0x1000, 1 << 12);
      rig.guest.ram().store(target + 0x120, 0);
      device.write(TARGET + 0x120, 4);
      assertThat(rig.guest.ram().load(target + 0x120)).isZero();
      IommuFault fault = onlyFault(rig);
      assertThat(fault.kind()).isEqualTo(Kind.NOT_MAPPED);
      assertThat(fault.iova()).isEqualTo(TARGET + 0x120);

      rig.map(second, ipa + 0x1000, target, 1 << 12, RW);
      device.write(TARGET + 0x120, 4);
      assertThat(rig.text(target + 0x120, 4)).isEqualTo("DEVI");
      rig.unmap(domain, TARGET, 1 << 12);
      device.write(TARGET + 0x124, 4);
      assertThat(rig.guest.ram().loadInt(target + 0x124)).isZero();
      assertThat(onlyFault(rig).kind()).isEqualTo(Kind.NOT_MAPPED);
    }
  }

  /** Other devices keep using what they had: in a stage 1 of their own, or in stage 2 alone. */
  @Test
  void stagesBesideEachOther() {
    try (SmmuRig rig = rig()) {
      IommuDomain one = rig.iommu.newDomain("one");
      IommuDomain two = rig.iommu.newDomain("two", "arm-smmu/s2-16k-40");
      EduDevice device = loaded(rig, one);
      long ofOne = rig.data(1 << 16);
      long ofTwo = rig.data(1 << 16);
      rig.map(one, TARGET, ofOne, 1 << 16, RW);
      rig.map(two, TARGET, ofTwo, 1 << 16, RW);
      rig.map(two, SOURCE, rig.data(1 << 16), 1 << 16, RO);
      two.attach(rig.device(1).bdf());
      rig.store(ofTwo, "another device's");
      rig.device(1).read(TARGET, 16);
      device.write(TARGET + 64, 4);
      rig.device(1).write(TARGET + 64, 4);
      assertThat(rig.text(ofOne + 64, 4)).isEqualTo("DEVI");
      assertThat(rig.text(ofTwo + 64, 4)).isEqualTo("anot");
      assertThat(rig.faults()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"arm-smmu/s1-4k-48", "arm-smmu/s2-4k-40"})
  void aLeafThatIsNotAccessedFaults(String format) {
    try (SmmuRig rig = rig()) {
      IommuDomain domain = rig.iommu.newDomain("one", format);
      EduDevice device = loaded(rig, domain);
      rig.map(domain, TARGET, rig.data(1 << 12), 1 << 12, RW);
      // A domain maps no such leaf: nobody would handle the fault.
      long at = itemOf(rig, domain, TARGET);
      rig.memdesc.memory().storeRelease(at, rig.memdesc.memory().loadAcquire(at) & ~AF);
      device.write(TARGET, 4);
      assertThat(onlyFault(rig).kind()).isEqualTo(Kind.ACCESS_FLAG);
    }
  }

  /** Where the level-0 item for an iova is. */
  private static long itemOf(SmmuRig rig, IommuDomain domain, long iova) {
    long table = domain.rootPa();
    for (int level = domain.format().rootLevel(); level > 0; level--) {
      LevelLayout layout = domain.format().level(level);
      table =
          layout.tablePa().decode(rig.memdesc.memory().loadAcquire(table + layout.offset(iova)));
    }
    return table + domain.format().level(0).offset(iova);
  }
}
