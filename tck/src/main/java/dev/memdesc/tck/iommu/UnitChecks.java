package dev.memdesc.tck.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.IommuFault.Kind;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A unit as such: opening, closing, faults. */
final class UnitChecks {
  static final int DEVICE = 0x08;
  static final int OTHER_DEVICE = 0x10;

  private static final int MOST_ALLOCATIONS = 200;

  private UnitChecks() {}

  static void addTo(Map<String, Consumer<UnitRig>> checks) {
    checks.put("a unit opens, offers formats of its backend, and closes", UnitChecks::opens);
    checks.put("a unit that lacks memory to open leaves nothing", UnitChecks::opensOrNot);
    checks.put("a unit that is closed opens again", UnitChecks::opensAgain);
    checks.put("domains of all formats exist at once", UnitChecks::allFormats);
    checks.put("a first stage is nested in a second, or refused", UnitChecks::nests);
    checks.put("faults reach the domain of their device", UnitChecks::faults);
    checks.put("more faults than there is room for are said to be lost", UnitChecks::overflow);
  }

  private static void opens(UnitRig rig) {
    try (Iommu iommu = rig.open()) {
      List<String> offered = iommu.formats().stream().map(TableFormat::name).toList();
      assertThat(offered).isNotEmpty();
      assertThat(rig.backend.variants().stream().map(TableFormat::name).filter(offered::contains))
          .as("in the backend's order")
          .containsExactlyElementsOf(offered);
      assertThat(iommu.pages()).as("structures have frames").isPositive();
      assertThat(iommu.commands().errors()).isZero();
    }
    rig.checkAllFree();
  }

  private static void opensOrNot(UnitRig rig) {
    for (int n = 1; n < MOST_ALLOCATIONS; n++) {
      rig.faults.failNth(n);
      try (Iommu iommu = rig.open()) {
        assertThat(n).as("opening %s allocates", iommu.name()).isGreaterThan(1);
        rig.faults.failNth(Long.MAX_VALUE);
        return;
      } catch (PageTableException e) {
        assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        rig.checkAllFree();
      }
    }
    throw new AssertionError("a unit opens with fewer than 200 allocations");
  }

  private static void opensAgain(UnitRig rig) {
    for (int i = 0; i < 3; i++) {
      try (Iommu iommu = rig.open()) {
        IommuDomain domain = iommu.newDomain("again");
        domain.attach(DEVICE);
        rig.map(domain, 0, 0, domain.format().frameBytes());
      }
    }
  }

  private static void allFormats(UnitRig rig) {
    try (Iommu iommu = rig.open()) {
      List<IommuDomain> domains = new ArrayList<>();
      int device = DEVICE;
      for (TableFormat format : iommu.formats()) {
        IommuDomain domain = iommu.newDomain(format.name(), format.name());
        domain.attach(device++);
        rig.map(domain, 0, device * format.frameBytes(), format.frameBytes());
        domains.add(domain);
      }
      device = DEVICE;
      for (IommuDomain domain : domains) {
        assertThat(domain.devices()).containsExactly(device++);
        long pa = device * domain.format().frameBytes();
        assertThat(domain.translate(5, rig.reader)).isEqualTo(pa + 5);
      }
    }
  }

  private static void nests(UnitRig rig) {
    try (Iommu iommu = rig.open()) {
      for (TableFormat below : iommu.formats()) {
        for (TableFormat above : iommu.formats()) {
          try (IommuDomain second = iommu.newDomain("second", below.name())) {
            IommuDomain first;
            try {
              first = iommu.newNestedDomain("first", above.name(), second);
            } catch (PageTableException e) {
              assertThat(e.reason()).as("%s in %s", above, below).isEqualTo(Reason.INCONSISTENT);
              continue;
            }
            // What the unit reads lies at its own address in the second stage.
            rig.map(second, 0, 0, rig.memdesc.memory().bytes());
            first.attach(DEVICE);
            rig.map(first, 0, 0, above.frameBytes());
            refused(Reason.ILLEGAL_STATE, second::close);
            first.close();
          }
        }
      }
    }
  }

  private static void faults(UnitRig rig) {
    try (Iommu iommu = rig.open()) {
      IommuDomain domain = iommu.newDomain("faulting");
      domain.attach(DEVICE);
      List<IommuFault> own = new ArrayList<>();
      List<IommuFault> stray = new ArrayList<>();
      domain.onFault(own::add);
      rig.model.request(DEVICE, -1, 0x1234_5000L, true);
      rig.model.request(DEVICE, -1, 0x1234_6000L, false);
      rig.model.request(OTHER_DEVICE, -1, 0x7000, false);
      assertThat(iommu.pollFaults(stray::add)).as("lost").isZero();
      assertThat(own).hasSize(2);
      assertThat(own).allMatch(fault -> fault.device() == DEVICE && fault.pasid() < 0);
      assertThat(own)
          .extracting(IommuFault::kind)
          .isSubsetOf(Set.of(Kind.NOT_MAPPED, Kind.NOT_MAPPED_OR_PERMISSION));
      assertThat(own)
          .extracting(fault -> fault.iova() & -0x1000L)
          .containsExactly(0x1234_5000L, 0x1234_6000L);
      assertThat(own).extracting(IommuFault::write).containsExactly(true, false);
      assertThat(own).allMatch(fault -> !fault.manualName().isBlank());
      assertThat(stray).hasSize(1);
      assertThat(stray.getFirst().device()).isEqualTo(OTHER_DEVICE);
      assertThat(stray.getFirst().kind()).isIn(Kind.NO_DOMAIN, Kind.BAD_STRUCTURE);
      assertThat(iommu.pollFaults(stray::add)).isZero();
      assertThat(stray).as("taken once").hasSize(1);
      domain.detach(DEVICE);
      rig.model.request(DEVICE, -1, 0x7000, false);
      iommu.pollFaults(stray::add);
      assertThat(stray).as("after detach the device has no domain").hasSize(2);
      assertThat(own).hasSize(2);
    }
  }

  private static void overflow(UnitRig rig) {
    try (Iommu iommu = rig.open()) {
      IommuDomain domain = iommu.newDomain("faulting");
      domain.attach(DEVICE);
      List<IommuFault> seen = new ArrayList<>();
      domain.onFault(seen::add);
      int room = rig.model.faultRoom();
      for (int round = 0; round < 2; round++) {
        seen.clear();
        for (int i = 0; i < room + 3; i++) {
          rig.model.request(DEVICE, -1, (long) i << 12, false);
        }
        assertThat(iommu.pollFaults(seen::add)).as("lost").isPositive();
        assertThat(seen).hasSizeBetween(1, room);
        assertThat(seen).extracting(fault -> fault.iova() >>> 12).isSorted();
        seen.clear();
        rig.model.request(DEVICE, -1, 0x5000, true);
        assertThat(iommu.pollFaults(seen::add)).as("there is room again").isZero();
        assertThat(seen).hasSize(1);
      }
    }
  }

  static void refused(Reason reason, Runnable operation) {
    PageTableException e = catchThrowableOfType(PageTableException.class, operation::run);
    assertThat(e).as("refused with " + reason).isNotNull();
    assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
  }
}
