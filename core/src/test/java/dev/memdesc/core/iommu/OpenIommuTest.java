package dev.memdesc.core.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.descriptor.StructureChecker;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenIommuTest {
  private static final Attributes RW = Attributes.ofBits(0).with(Access.READ, Access.WRITE);
  private static final Attributes READ = Attributes.ofBits(0).with(Access.READ);
  private static final AddressRange MSI = new AddressRange(0xFEE0_0000L, 0xFEEF_FFFFL);
  private static final long WRITE_BIT = 1 << 4;

  private UnitMachine machine =
      new UnitMachine(
          UnitFormats.granule("tiny/4k", 12),
          List.of(MSI),
          UnitFormats.granule("fake-unit/4k", 12),
          UnitFormats.granule("fake-unit/breaks", 12, WRITE_BIT));

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void aFlushInvalidatesBeforeTablesAreFree() {
    Iommu iommu = machine.open();
    IommuDomain domain = iommu.newDomain("net");
    try (Gather gather = domain.gather()) {
      domain.map(0x10_0000, 0x10_0000, 0x2000, RW, gather);
    }
    assertThat(machine.log()).as("mapping tells the unit nothing").isEmpty();
    long before = machine.allocator.allocatedBytes();
    try (Gather gather = domain.gather()) {
      domain.unmap(0, 1 << 21, gather);
      assertThat(machine.log()).isEmpty();
      gather.flush();
      assertThat(machine.log()).containsExactly("1:0", "3:1");
      gather.flush();
      assertThat(machine.log()).isEmpty();
    }
    machine.settle();
    assertThat(domain.counts().linked()).isEqualTo(2);
    assertThat(machine.allocator.allocatedBytes()).isLessThanOrEqualTo(before);
    domain.close();
    assertThat(machine.log()).containsExactly("2:1", "3:1");
  }

  @Test
  void nothingIsFreeUntilTheUnitAnswers() {
    Iommu iommu = machine.open();
    IommuDomain domain = iommu.newDomain("net");
    Gather gather = domain.gather();
    domain.map(0, 0x10_0000, 1 << 21, READ, gather);
    domain.unmap(0, 1 << 21, gather);
    domain.map(0, 0x10_0000, 0x1000, READ, gather);
    domain.unmap(0, 1 << 21, gather);
    int tables = gather.tables();
    assertThat(tables).isPositive();
    machine.unit.dead = true;
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(gather::flush).extracting("reason").isEqualTo(Reason.TOOL);
      assertThat(gather.tables()).as("the domain has them now").isZero();
      machine.settle();
      assertThat(domain.counts().allocatedBytes()).isEqualTo(4096L * (2 + tables));
    }
    assertThatThrownBy(domain::close).extracting("reason").isEqualTo(Reason.TOOL);
    machine.settle();
    assertThat(domain.counts().allocatedBytes()).isEqualTo(4096L * (2 + tables));
    machine.unit.dead = false;
    gather.close();
    assertThat(gather.tables()).isZero();
    machine.settle();
    assertThat(domain.counts().allocatedBytes()).isEqualTo(4096L * 2);
  }

  @Test
  void aGatherMayOutliveItsDomain() {
    Iommu iommu = machine.open();
    IommuDomain domain = iommu.newDomain("net");
    Gather gather = domain.gather();
    domain.map(0, 0x10_0000, 0x1000, READ, gather);
    domain.unmap(0, 1 << 21, gather);
    domain.close();
    machine.log();
    gather.close();
    assertThat(machine.log()).as("the unit has forgotten the domain").isEmpty();
    machine.settle();
    assertThat(domain.counts().allocatedBytes()).isZero();
  }

  @Test
  void manyRangesAreForgottenAtOnce() {
    IommuDomain domain = machine.open().newDomain("net");
    try (Gather gather = domain.gather()) {
      for (long i = 0; i < 40; i++) {
        domain.map(i << 14, 0x10_0000, 0x1000, READ, gather);
        domain.unmap(i << 14, 0x1000, gather);
      }
      gather.flush();
      assertThat(machine.log()).containsExactly("2:1", "3:1");
      domain.map(0x1000, 0x10_0000, 0x2000, READ, gather);
      domain.unmap(0x1000, 0x1000, gather);
      domain.unmap(0x2000, 0x1000, gather);
      gather.flush();
      assertThat(machine.log()).containsExactly("1:1000", "3:1");
    }
  }

  @Test
  void aFlushAllocatesNothing() {
    IommuDomain domain = machine.open().newDomain("net");
    machine.unit.logs = false;
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Gather gather = domain.gather()) {
      domain.map(0x8000, 0x8000, 0x1000, READ, gather);
      long least = Long.MAX_VALUE;
      // What the JIT compiler has not got to yet allocates; on a busy machine that takes longer.
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
      while (least >= 1000 && System.nanoTime() - deadline < 0) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1000; i++) {
          domain.map(0x1000, 0x10_0000, 0x1000, READ, gather);
          domain.unmap(0x1000, 0x1000, gather);
          gather.flush();
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).as("bytes of 1000 rounds").isLessThan(1000);
    }
  }

  @Test
  void aFailedMapHasItsTablesForgotten() {
    IommuDomain domain = machine.open().newDomain("net");
    try (Gather gather = domain.gather()) {
      domain.map(0x20_0000, 0, 0x1000, READ, gather);
      machine.allocator.failNth(2);
      assertThatThrownBy(() -> domain.map(0x1FF000L, 0, 1L << 31, READ, gather))
          .extracting("reason")
          .isIn(Reason.ALREADY_MAPPED, Reason.OUT_OF_MEMORY);
      machine.allocator.failNth(Long.MAX_VALUE);
      assertThat(gather.tables()).isPositive();
      gather.flush();
      assertThat(machine.log()).containsExactly("1:1ff000", "3:1");
    }
  }

  @Test
  void aLeafTakesThePlaceOfTablesAfterTheUnitForgotThem() {
    IommuDomain domain = machine.open().newDomain("net");
    try (Gather gather = domain.gather()) {
      domain.map(0x1000, 0x1000, 0x1000, READ, gather);
      domain.map(0x40_0000, 0x40_0000, 0x1000, READ, gather);
      domain.unmap(0x1000, 0x1000, gather);
      gather.flush();
      machine.log();
      machine.unit.dead = true;
      long linked = domain.counts().linked();
      assertThatThrownBy(() -> domain.map(0, 0, 0x40_0000, READ, gather))
          .extracting("reason")
          .isEqualTo(Reason.TOOL);
      machine.unit.dead = false;
      assertThat(domain.counts().linked()).isEqualTo(linked - 1);
      assertThat(
              StructureChecker.check(
                  domain, machine.memdesc.memory(), machine.memdesc.descriptors()))
          .isEmpty();
      domain.map(0, 0, 0x40_0000, READ, gather);
      gather.flush();
    }
    assertThat(machine.log()).startsWith("1:0", "3:1");
  }

  @Test
  void whatIsBrokenBeforeItIsMadeIsThereAgainIfTheUnitDoesNotAnswer() {
    IommuDomain domain = machine.open().newDomain("net", "fake-unit/breaks");
    try (Gather gather = domain.gather();
        var reader = machine.memdesc.newReader()) {
      domain.map(0, 0, 0x20_0000, READ, gather);
      machine.unit.dead = true;
      assertThatThrownBy(() -> domain.protect(0, 0x20_0000, RW, gather))
          .extracting("reason")
          .isEqualTo(Reason.TOOL);
      assertThatThrownBy(() -> domain.unmap(0x1000, 0x1000, CutLeaf.SPLIT, gather))
          .extracting("reason")
          .isEqualTo(Reason.TOOL);
      assertThat(domain.lookup(0x1234, reader).orElseThrow().attributes()).isEqualTo(READ);
      assertThat(
              StructureChecker.check(
                  domain, machine.memdesc.memory(), machine.memdesc.descriptors()))
          .isEmpty();
      machine.unit.dead = false;
      assertThat(domain.protect(0, 0x20_0000, RW, gather)).isEqualTo(0x20_0000);
      assertThat(domain.unmap(0x1000, 0x1000, CutLeaf.SPLIT, gather)).isEqualTo(0x1000);
    }
  }

  @ParameterizedTest
  @CsvSource({"0xFEE00000, 0x1000", "0xFEDFF000, 0x2000", "0xFEEFF000, 0x1000", "0, 0x100000000"})
  void aReservedRangeIsNotMapped(long va, long length) {
    IommuDomain domain = machine.open().newDomain("net");
    assertThat(domain.reserved()).containsExactly(MSI);
    try (Gather gather = domain.gather()) {
      assertThatThrownBy(() -> domain.map(va, 0, length, READ, gather))
          .hasMessageStartingWith("an iova that is mapped is one that the unit translates: va=")
          .extracting("reason")
          .isEqualTo(Reason.VA_OUTSIDE_FORMAT);
      domain.map(0xFEDF_F000L, 0, 0x1000, READ, gather);
      domain.map(0xFEF0_0000L, 0, 0x1000, READ, gather);
    }
  }

  @Test
  void devicesAreAttachedToOneDomainAtATime() {
    Iommu iommu = machine.open();
    IommuDomain one = iommu.newDomain("one");
    IommuDomain other = iommu.newDomain("other", "fake-unit/breaks");
    assertThat(one.id()).isNotEqualTo(other.id());
    one.attach(3);
    one.attach(2, 5);
    other.attach(3, 1);
    assertThat(one.devices()).containsExactly(2, 3);
    assertThatThrownBy(() -> other.attach(3))
        .hasMessageContaining("attachedTo=one, domain=other")
        .extracting("reason")
        .isEqualTo(Reason.ALREADY_MAPPED);
    assertThatThrownBy(() -> other.attach(99))
        .extracting("reason")
        .isEqualTo(Reason.VA_OUTSIDE_FORMAT);
    assertThatThrownBy(() -> other.attach(4, -1))
        .extracting("reason")
        .isEqualTo(Reason.VA_OUTSIDE_FORMAT);
    assertThatThrownBy(() -> other.detach(3)).extracting("reason").isEqualTo(Reason.NOT_MAPPED);
    one.detach(3);
    other.attach(3);
    assertThat(other.devices()).containsExactly(3);
    one.close();
    assertThat(machine.unit.inUse).containsExactlyInAnyOrder("3.-1", "3.1");
    assertThatThrownBy(() -> one.attach(3)).extracting("reason").isEqualTo(Reason.CLOSED);
  }

  @Test
  void faultsReachTheDomainOfTheDevice() {
    Iommu iommu = machine.open();
    IommuDomain domain = iommu.newDomain("net");
    domain.attach(3);
    IommuFault mine = fault(3, -1);
    IommuFault otherPasid = fault(3, 4);
    machine.unit.faults.addAll(List.of(mine, otherPasid, mine));
    List<IommuFault> seen = new ArrayList<>();
    List<IommuFault> stray = new ArrayList<>();
    domain.onFault(
        fault -> {
          seen.add(fault);
          if (seen.size() == 1) {
            domain.detach(3);
            throw new IllegalStateException("handler");
          }
        });
    assertThatThrownBy(() -> iommu.pollFaults(stray::add)).hasMessage("handler");
    assertThat(seen).containsExactly(mine, mine);
    assertThat(stray).containsExactly(otherPasid);
    assertThat(iommu.pollFaults(stray::add)).isEqualTo(7);
  }

  @Test
  void aHandlerWithAnErrorKeepsNoFaultFromTheOthers() {
    Iommu iommu = machine.open();
    IommuDomain domain = iommu.newDomain("net");
    domain.attach(3);
    IommuFault mine = fault(3, -1);
    IommuFault other = fault(4, -1);
    machine.unit.faults.addAll(List.of(mine, other, mine));
    List<IommuFault> stray = new ArrayList<>();
    AtomicInteger told = new AtomicInteger();
    domain.onFault(
        fault -> {
          throw new OutOfMemoryError("planted " + told.incrementAndGet());
        });
    assertThatThrownBy(() -> iommu.pollFaults(stray::add)).hasMessage("planted 1");
    assertThat(stray).containsExactly(other);
    assertThat(told).hasValue(2);
  }

  private static IommuFault fault(int device, int pasid) {
    return new IommuFault(device, pasid, 0x1000, true, IommuFault.Kind.NOT_MAPPED, 5, "reason");
  }

  @Test
  void aSecondStageIsClosedAfterWhatIsNestedInIt() {
    Iommu iommu = machine.open();
    IommuDomain second = iommu.newDomain("second");
    IommuDomain first = iommu.newNestedDomain("first", "fake-unit/breaks", second);
    assertThatThrownBy(second::close)
        .hasMessageEndingWith("domain=second, nested=first")
        .extracting("reason")
        .isEqualTo(Reason.ILLEGAL_STATE);
    first.close();
    second.close();
    assertThatThrownBy(() -> iommu.newNestedDomain("late", "fake-unit/4k", second))
        .extracting("reason")
        .isEqualTo(Reason.CLOSED);
    IommuDomain stays = iommu.newDomain("stays");
    iommu.newNestedDomain("nested", "fake-unit/4k", stays);
  }

  @Test
  void closingGivesEverythingBack() {
    Iommu iommu = machine.open();
    assertThat(iommu.pages()).as("root table and queue").isEqualTo(2);
    IommuDomain domain = iommu.newDomain("net");
    domain.attach(1);
    try (Gather gather = domain.gather()) {
      domain.map(0, 0, 0x1000, READ, gather);
    }
    assertThat(iommu.pages()).isEqualTo(2 + 3 + 1);
    iommu.close();
    iommu.close();
    assertThatThrownBy(() -> iommu.newDomain("late")).extracting("reason").isEqualTo(Reason.CLOSED);
    assertThatThrownBy(domain::rootPa).extracting("reason").isEqualTo(Reason.CLOSED);
    machine.settle();
    Iommu again = machine.open();
    assertThat(machine.allocator.allocatedBytes()).isEqualTo(4096L * again.pages());
  }

  @Test
  void namesThatDoNotExistListWhatDoes() {
    assertThatThrownBy(() -> machine.memdesc.openIommu("fake-unti", machine.unit))
        .hasMessage(
            "an IOMMU is one that exists: name=fake-unti; did you mean fake-unit? there are"
                + " fake-unit")
        .extracting("reason")
        .isEqualTo(Reason.UNKNOWN_NAME);
    assertThatThrownBy(() -> machine.open().newDomain("net", "fake-unit/5k"))
        .hasMessageContaining("there are [fake-unit/4k, fake-unit/breaks]")
        .extracting("reason")
        .isEqualTo(Reason.UNKNOWN_NAME);
  }

  @Test
  void aUnitThatDoesNotOpenLeavesNothing() {
    machine.unit.failsToOpen = true;
    assertThatThrownBy(machine::open).extracting("reason").isEqualTo(Reason.TOOL);
    assertThat(machine.allocator.allocatedBytes()).isZero();
    machine.unit.failsToOpen = false;
    machine.allocator.failNth(1);
    assertThatThrownBy(machine::open).extracting("reason").isEqualTo(Reason.OUT_OF_MEMORY);
    machine.allocator.failNth(Long.MAX_VALUE);
    Iommu iommu = machine.open();
    machine.allocator.failNth(1);
    assertThatThrownBy(() -> iommu.newDomain("net"))
        .extracting("reason")
        .isEqualTo(Reason.OUT_OF_MEMORY);
  }

  @Test
  void aMachineClosesItsUnitsFirst() {
    IommuDomain domain = machine.open().newDomain("net");
    domain.attach(2);
    try (Gather gather = domain.gather()) {
      domain.map(0, 0, 0x1000, READ, gather);
    }
    machine.memdesc.close();
    assertThat(machine.log()).containsExactly("2:1", "3:1");
    assertThatThrownBy(machine::open).extracting("reason").isEqualTo(Reason.CLOSED);
  }

  @ParameterizedTest
  @CsvSource({"12, 16", "16, 12", "14, 12", "12, 14"})
  void theGranuleNeedNotBeTheMachinesFrame(int machineLg2, int formatLg2) {
    machine.close();
    TableFormat format = UnitFormats.granule("fake-unit/other", formatLg2);
    machine =
        new UnitMachine(UnitFormats.granule("tiny/" + machineLg2, machineLg2), List.of(), format);
    Iommu iommu = machine.open();
    IommuDomain domain = iommu.newDomain("net");
    long frame = format.frameBytes();
    try (Gather gather = domain.gather();
        var reader = machine.memdesc.newReader()) {
      for (long i = 0; i < 200; i++) {
        long va = i << (2 * formatLg2 - 3);
        domain.map(va, i * frame, frame, READ, gather);
        domain.map(va + frame, i * frame, 3 * frame, READ, gather);
      }
      for (long i = 0; i < 200; i++) {
        long va = i << (2 * formatLg2 - 3);
        assertThat(domain.translate(va + 2 * frame + 5, reader)).isEqualTo((i + 1) * frame + 5);
        assertThat(domain.rootPa() & (frame - 1)).isZero();
      }
      assertThat(
              StructureChecker.check(
                  domain, machine.memdesc.memory(), machine.memdesc.descriptors()))
          .isEmpty();
      long tables = domain.counts().linked();
      long frameBytes = 1L << machineLg2;
      assertThat(iommu.pages() * frameBytes).isGreaterThanOrEqualTo(tables * frame);
      for (long i = 0; i < 200; i++) {
        assertThat(domain.unmap(i << (2 * formatLg2 - 3), 4 * frame, gather)).isEqualTo(4 * frame);
      }
    }
  }
}
