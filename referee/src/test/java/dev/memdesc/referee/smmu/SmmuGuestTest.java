package dev.memdesc.referee.smmu;

import static dev.memdesc.referee.smmu.SmmuRig.RO;
import static dev.memdesc.referee.smmu.SmmuRig.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Gather;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.IommuFault.Kind;
import dev.memdesc.referee.Qemu;
import dev.memdesc.referee.QemuNeeded;
import dev.memdesc.referee.qtest.EduDevice;
import dev.memdesc.referee.qtest.QtestBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What devices behind QEMU's SMMUv3 see of the tables and commands of a unit. */
class SmmuGuestTest {
  private static final long SOURCE = 0x10000;
  private static final long TARGET = 0x20000;
  private static final String TEXT = "DEVICE DATA 1234";
  private static final String NOTHING = "\0".repeat(TEXT.length());

  @BeforeEach
  void needed() {
    QemuNeeded.check();
  }

  /** The QEMU that is asked. */
  Qemu qemu() {
    return Qemu.find("qemu-system-aarch64");
  }

  private SmmuRig rig(int devices) {
    return new SmmuRig(devices, UnaryOperator.identity(), qemu());
  }

  /** A device that has {@link #TEXT} in its buffer. */
  private static EduDevice loaded(SmmuRig rig, IommuDomain domain) {
    long source = rig.data(1 << 16);
    rig.map(domain, SOURCE, source, 1 << 16, RO);
    EduDevice device = rig.device(0);
    domain.attach(device.bdf());
    rig.load(device, SOURCE, source, TEXT);
    assertThat(rig.faults()).isEmpty();
    return device;
  }

  private static IommuFault fault(EduDevice device, long iova, boolean write, Kind kind) {
    return switch (kind) {
      case NOT_MAPPED -> new IommuFault(device.bdf(), -1, iova, write, kind, 0x10, "F_TRANSLATION");
      case PERMISSION -> new IommuFault(device.bdf(), -1, iova, write, kind, 0x13, "F_PERMISSION");
      default -> throw new IllegalArgumentException(kind.toString());
    };
  }

  @Test
  void whatQemuOffers() {
    try (SmmuRig rig = rig(1)) {
      assertThat(rig.iommu.formats())
          .extracting(Object::toString)
          .filteredOn(name -> name.contains("/s1"))
          .containsExactly(
              "arm-smmu/s1-4k-48",
              "arm-smmu/s1-4k-39",
              "arm-smmu/s1-16k-36",
              "arm-smmu/s1-16k-47",
              "arm-smmu/s1-16k-48",
              "arm-smmu/s1-64k-42",
              "arm-smmu/s1-64k-48");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "arm-smmu/s1-4k-48",
    "arm-smmu/s1-4k-39",
    "arm-smmu/s1-16k-36",
    "arm-smmu/s1-16k-47",
    "arm-smmu/s1-16k-48",
    "arm-smmu/s1-64k-42",
    "arm-smmu/s1-64k-48",
  })
  void hitsHolesRightsAndBlocks(String format) {
    try (SmmuRig rig = rig(1)) {
      IommuDomain domain = rig.iommu.newDomain("one", format);
      EduDevice device = loaded(rig, domain);
      long target = rig.data(1 << 16);
      rig.map(domain, TARGET, target, 1 << 16, RW);
      device.write(TARGET + 0x1230, TEXT.length());
      assertThat(rig.text(target + 0x1230, TEXT.length())).isEqualTo(TEXT);

      device.write(SOURCE + 8, 4);
      device.write(0x7654_3210L, 4);
      device.read(0x7654_3210L, 4);
      assertThat(rig.faults())
          .containsExactly(
              fault(device, SOURCE + 8, true, Kind.PERMISSION),
              fault(device, 0x7654_3210L, true, Kind.NOT_MAPPED),
              fault(device, 0x7654_3210L, false, Kind.NOT_MAPPED));

      rig.load(device, SOURCE, target, TEXT.replace('D', 'd'));
      int blockLg2 = domain.format().level(1).shift();
      long block = rig.data(1L << blockLg2);
      long iova = 3L << blockLg2;
      rig.map(domain, iova, block, 1L << blockLg2, RW);
      assertThat(domain.lookup(iova, rig.memdesc.newReader())).isNotNull();
      device.read(TARGET, TEXT.length());
      device.write(iova + 0x12340, TEXT.length());
      assertThat(rig.text(block + 0x12340, TEXT.length())).isEqualTo(TEXT.replace('D', 'd'));
      long last = (1L << domain.format().va().bits()) - (1L << blockLg2);
      rig.map(domain, last, block, 1L << blockLg2, RW);
      device.write(last + 0x4560, 4);
      assertThat(rig.text(block + 0x4560, 4)).isEqualTo("dEVI");
      assertThat(rig.faults()).isEmpty();
    }
  }

  @Test
  void blocksPagesAndMessagesOfSeveralDevices() {
    try (SmmuRig rig = rig(6)) {
      List<IommuDomain> domains =
          List.of(
              rig.iommu.newDomain("4K"),
              rig.iommu.newDomain("16K", "arm-smmu/s1-16k-47"),
              rig.iommu.newDomain("64K", "arm-smmu/s1-64k-48"));
      long[] pages = new long[domains.size()];
      for (int d = 0; d < domains.size(); d++) {
        pages[d] = rig.data(1 << 16);
        rig.map(domains.get(d), TARGET, pages[d], 1 << 16, RW);
      }
      for (int i = 0; i < 6; i++) {
        domains.get(i % 3).attach(rig.device(i).bdf());
      }
      assertThat(domains.get(1).devices())
          .containsExactly(rig.device(1).bdf(), rig.device(4).bdf());
      QtestBatch batch = rig.guest.socket().newBatch();
      for (int i = 0; i < 6; i++) {
        rig.device(i).message(batch, TARGET + 4L * i, 100 + i);
        rig.device(i).message(batch, TARGET + (1 << 16) + 4L * i, 100 + i);
      }
      batch.run();
      for (int d = 0; d < 3; d++) {
        for (int i = 0; i < 6; i++) {
          assertThat(rig.guest.ram().loadInt(pages[d] + 4L * i))
              .as("device %d in domain %d", i, d)
              .isEqualTo(i % 3 == d ? 100 + i : 0);
        }
      }
      assertThat(rig.faults()).hasSize(6).allMatch(fault -> fault.kind() == Kind.NOT_MAPPED);

      IommuDomain first = domains.getFirst();
      first.detach(rig.device(0).bdf());
      domains.get(1).attach(rig.device(0).bdf());
      rig.device(0).message(batch, TARGET, 7);
      rig.device(3).message(batch, TARGET + 4, 8);
      batch.run();
      assertThat(rig.guest.ram().loadInt(pages[1])).isEqualTo(7);
      assertThat(rig.guest.ram().loadInt(pages[0] + 4)).isEqualTo(8);
    }
  }

  @Test
  void aDeviceThatIsDetachedReachesNothing() {
    try (SmmuRig rig = rig(2)) {
      IommuDomain domain = rig.iommu.newDomain("one");
      EduDevice device = loaded(rig, domain);
      long target = rig.data(1 << 12);
      rig.map(domain, TARGET, target, 1 << 12, RW);
      device.write(TARGET, 4);
      assertThat(rig.text(target, 4)).isEqualTo("DEVI");
      rig.guest.ram().store(target, 0);
      domain.detach(device.bdf());
      device.write(TARGET, 4);
      rig.device(1).write(TARGET, 4);
      assertThat(rig.text(target, 4)).isEqualTo(NOTHING.substring(0, 4));
      assertThat(rig.faults())
          .hasSize(2)
          .allMatch(fault -> fault.kind() == Kind.NO_DOMAIN)
          .allMatch(fault -> fault.manualName().equals("C_BAD_STE"));
    }
  }

  /** While the gather is open the unit was told nothing, and the device's writes still land. */
  @Test
  void aStaleTranslationEndsWhenTheGatherCloses() {
    try (SmmuRig rig = rig(1)) {
      IommuDomain domain = rig.iommu.newDomain("one");
      EduDevice device = loaded(rig, domain);
      long target = rig.data(1 << 12);
      rig.map(domain, TARGET, target, 1 << 12, RW);
      device.write(TARGET, 4);
      try (Gather gather = domain.gather()) {
        domain.unmap(TARGET, 1 << 12, gather);
        assertThat(rig.guest.ram().loadInt(target)).isNotZero();
        rig.guest.ram().store(target, 0);
        device.write(TARGET, 4);
        assertThat(rig.text(target, 4)).as("before the invalidation").isEqualTo("DEVI");
        assertThat(rig.faults()).isEmpty();
      }
      rig.guest.ram().store(target, 0);
      device.write(TARGET, 4);
      assertThat(rig.guest.ram().load(target)).as("after it").isZero();
      assertThat(rig.faults()).containsExactly(fault(device, TARGET, true, Kind.NOT_MAPPED));
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aFreedFrameGoesToItsNextOwnerOnlyWhenTheUnitForgot(boolean inOrder) {
    try (SmmuRig rig = rig(1)) {
      IommuDomain domain = rig.iommu.newDomain("one");
      EduDevice device = loaded(rig, domain);
      long frame = rig.frame();
      rig.map(domain, TARGET, frame, 1 << 12, RW);
      device.write(TARGET, TEXT.length());
      try (Gather gather = domain.gather()) {
        domain.unmap(TARGET, 1 << 12, gather);
        if (inOrder) {
          gather.flush();
        }
        rig.memdesc.allocator().free(frame, 0);
        long next = rig.frame();
        assertThat(next).as("the frame has a new owner").isEqualTo(frame);
        rig.store(next, "NEW OWNER SECRET");
        device.write(TARGET, TEXT.length());
        assertThat(rig.text(next, TEXT.length())).isEqualTo(inOrder ? "NEW OWNER SECRET" : TEXT);
        rig.memdesc.allocator().free(next, 0);
      }
      assertThat(rig.faults().isEmpty()).isEqualTo(!inOrder);
    }
  }

  /** A bug in the backend, planted: what is told to forget has another domain's number. */
  @Test
  void theWrongNumberInACommandForgetsNothing() {
    CommandSpoiler spoiler = new CommandSpoiler();
    try (SmmuRig rig = new SmmuRig(1, spoiler, qemu())) {
      spoiler.use(rig.memdesc.memory());
      IommuDomain domain = rig.iommu.newDomain("one");
      EduDevice device = loaded(rig, domain);
      long target = rig.data(1 << 12);
      rig.map(domain, TARGET, target, 1 << 12, RW);
      device.write(TARGET, 4);
      spoiler.spoil(
          command ->
              (command & 0xFF) == 0x12 ? command + (1L << CommandSpoiler.ASID_SHIFT) : command);
      rig.unmap(domain, TARGET, 1 << 12);
      spoiler.spoil(command -> command);
      rig.guest.ram().store(target, 0);
      device.write(TARGET, 4);
      assertThat(rig.text(target, 4)).as("it landed where nothing is mapped").isEqualTo("DEVI");
    }
  }

  @Test
  void aRefusedCommandIsReplacedAndTheUnitGoesOn() {
    CommandSpoiler spoiler = new CommandSpoiler();
    try (SmmuRig rig = new SmmuRig(1, spoiler, qemu())) {
      spoiler.use(rig.memdesc.memory());
      IommuDomain domain = rig.iommu.newDomain("one");
      EduDevice device = loaded(rig, domain);
      long target = rig.data(1 << 12);
      for (int round = 0; round < 3; round++) {
        rig.map(domain, TARGET, target, 1 << 12, RW);
        device.write(TARGET, 4);
        assertThat(rig.text(target, 4)).isEqualTo("DEVI");
        spoiler.spoil(command -> (command & 0xFF) == 0x12 ? command | 0xFF : command);
        rig.unmap(domain, TARGET, 1 << 12);
        spoiler.spoil(command -> command);
        assertThat(rig.iommu.commands().errors()).isEqualTo(round + 1);
        rig.guest.ram().store(target, 0);
        device.write(TARGET, 4);
        assertThat(rig.guest.ram().load(target)).isZero();
        assertThat(rig.faults()).containsExactly(fault(device, TARGET, true, Kind.NOT_MAPPED));
      }
    }
  }

  @Test
  void theQueueWrapsAndIsWaitedForWhenFull() {
    try (SmmuRig rig = rig(1)) {
      IommuDomain domain = rig.iommu.newDomain("one");
      EduDevice device = loaded(rig, domain);
      long target = rig.data(1L << 24);
      int pages = 1000;
      for (int i = 0; i < pages; i++) {
        rig.map(domain, (1L << 30) + ((long) i << 13), target + ((long) i << 12), 1 << 12, RW);
      }
      for (int i = 0; i < 200; i++) {
        device.write((1L << 30) + ((long) i << 13), 4);
      }
      try (Gather gather = domain.gather()) {
        for (int i = 0; i < pages; i++) {
          domain.unmap((1L << 30) + ((long) i << 13), 1 << 12, gather);
        }
      }
      for (int i = 0; i < pages; i++) {
        rig.map(domain, TARGET, target, 1 << 12, RW);
        rig.unmap(domain, TARGET, 1 << 12);
      }
      assertThat(rig.iommu.commands().wraps()).isPositive();
      assertThat(rig.iommu.commands().errors()).isZero();
      for (int i = 0; i < 200; i++) {
        long iova = (1L << 30) + ((long) i << 13);
        device.write(iova, 4);
        assertThat(rig.faults()).containsExactly(fault(device, iova, true, Kind.NOT_MAPPED));
      }
    }
  }

  @Test
  void eventsThatHaveNoRoomAreToldAsLostAndLaterOnesCome() {
    try (SmmuRig rig = rig(1)) {
      IommuDomain domain = rig.iommu.newDomain("one");
      EduDevice device = loaded(rig, domain);
      List<IommuFault> taken = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        // A transfer that is refused is tried again in pieces of four bytes.
        for (int i = 0; i < 3; i++) {
          device.write(0x6666_0000L, 256);
        }
        taken.clear();
        assertThat(rig.iommu.pollFaults(taken::add)).as("lost").isEqualTo(1);
        assertThat(taken).hasSizeBetween(100, 128);
        assertThat(rig.iommu.pollFaults(taken::add)).isZero();
        device.write(0x6666_1234L, 4);
        assertThat(rig.faults())
            .containsExactly(fault(device, 0x6666_1234L, true, Kind.NOT_MAPPED));
      }
    }
  }

  /** What a smaller unit has: a linear stream table, no ranges, room for few commands. */
  @Test
  void aSmallerUnit() {
    try (SmmuRig rig = new SmmuRig(2, SmallerUnit::new, qemu())) {
      IommuDomain domain = rig.iommu.newDomain("one");
      EduDevice device = loaded(rig, domain);
      long target = rig.data(1 << 21);
      rig.map(domain, 1 << 21, target, 1 << 21, RW);
      device.write((1 << 21) + 0x12344, 4);
      assertThat(rig.text(target + 0x12344, 4)).isEqualTo("DEVI");
      long spread = 1L << 32;
      try (Gather gather = domain.gather()) {
        for (int i = 0; i < 30; i++) {
          domain.map(spread + ((long) i << 13), target, 1 << 12, RW, gather);
        }
        for (int i = 0; i < 30; i++) {
          domain.unmap(spread + ((long) i << 13), 1 << 12, gather);
        }
      }
      assertThat(rig.iommu.commands().fullWaits()).as("waits for room").isPositive();
      rig.unmap(domain, 1 << 21, 1 << 21);
      device.write((1 << 21) + 0x12344, 4);
      rig.device(1).write((1 << 21) + 0x12344, 4);
      assertThat(rig.faults())
          .containsExactly(
              fault(device, (1 << 21) + 0x12344, true, Kind.NOT_MAPPED),
              new IommuFault(rig.device(1).bdf(), -1, 0, false, Kind.NO_DOMAIN, 0x04, "C_BAD_STE"));
    }
  }
}
