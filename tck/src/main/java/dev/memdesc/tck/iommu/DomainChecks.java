package dev.memdesc.tck.iommu;

import static dev.memdesc.tck.iommu.UnitChecks.DEVICE;
import static dev.memdesc.tck.iommu.UnitChecks.OTHER_DEVICE;
import static dev.memdesc.tck.iommu.UnitChecks.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Domains of one format: devices, and what a flush does. */
final class DomainChecks {
  private static final int MOST_ALLOCATIONS = 100;

  private DomainChecks() {}

  static void addTo(Map<String, BiConsumer<UnitRig, String>> checks) {
    checks.put("a device is attached to one domain at a time", DomainChecks::attach);
    checks.put("a device that the unit lacks is refused", DomainChecks::unknownDevice);
    checks.put("an attach without memory changes nothing", DomainChecks::attachWithoutMemory);
    checks.put("domains have numbers of their own", DomainChecks::numbers);
    checks.put("mapping asks for nothing, unmapping for an invalidation", DomainChecks::flush);
    checks.put("no table is free before the unit has completed", DomainChecks::order);
    checks.put("what the unit never translates is not mapped", DomainChecks::reserved);
    checks.put("a domain that closes leaves nothing", DomainChecks::close);
  }

  private static void attach(UnitRig rig, String format) {
    try (Iommu iommu = rig.open()) {
      IommuDomain one = iommu.newDomain("one", format);
      IommuDomain other = iommu.newDomain("other", format);
      one.attach(DEVICE);
      one.attach(OTHER_DEVICE);
      assertThat(one.devices()).containsExactly(DEVICE, OTHER_DEVICE);
      refused(Reason.ALREADY_MAPPED, () -> one.attach(DEVICE));
      refused(Reason.ALREADY_MAPPED, () -> other.attach(DEVICE));
      refused(Reason.NOT_MAPPED, () -> other.detach(DEVICE));
      long before = rig.model.completions();
      one.detach(DEVICE);
      assertThat(rig.model.completions()).as("a detach waits").isGreaterThan(before);
      refused(Reason.NOT_MAPPED, () -> one.detach(DEVICE));
      other.attach(DEVICE);
      assertThat(one.devices()).containsExactly(OTHER_DEVICE);
      assertThat(other.devices()).containsExactly(DEVICE);
    }
  }

  private static void unknownDevice(UnitRig rig, String format) {
    int device = rig.model.unknownDevice();
    if (device < 0) {
      return;
    }
    try (Iommu iommu = rig.open()) {
      IommuDomain domain = iommu.newDomain("one", format);
      refused(Reason.VA_OUTSIDE_FORMAT, () -> domain.attach(device));
      refused(Reason.NOT_MAPPED, () -> domain.detach(device));
      assertThat(domain.devices()).isEmpty();
    }
  }

  private static void attachWithoutMemory(UnitRig rig, String format) {
    try (Iommu iommu = rig.open()) {
      IommuDomain domain = iommu.newDomain("one", format);
      long pages = iommu.pages();
      for (int n = 1; n < MOST_ALLOCATIONS; n++) {
        rig.faults.failNth(n);
        try {
          domain.attach(DEVICE);
          rig.faults.failNth(Long.MAX_VALUE);
          assertThat(domain.devices()).containsExactly(DEVICE);
          return;
        } catch (PageTableException e) {
          assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
          assertThat(domain.devices()).isEmpty();
          rig.faults.failNth(Long.MAX_VALUE);
          rig.trim(iommu);
          assertThat(iommu.pages()).as("frames after a failed attach").isEqualTo(pages);
        }
      }
      throw new AssertionError("a device is attached with fewer than 100 allocations");
    }
  }

  private static void numbers(UnitRig rig, String format) {
    try (Iommu iommu = rig.open()) {
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        ids.add(iommu.newDomain("domain " + i, format).id());
      }
      assertThat(ids).doesNotHaveDuplicates();
    }
  }

  private static void flush(UnitRig rig, String format) {
    try (Iommu iommu = rig.open()) {
      IommuDomain domain = iommu.newDomain("one", format);
      domain.attach(DEVICE);
      long frame = domain.format().frameBytes();
      long commands = iommu.commands().commands();
      // A pa that is one page off the iova: only leaves of one page fit, whatever sizes there are.
      rig.map(domain, 0, frame, 4 * frame);
      assertThat(iommu.commands().commands()).as("commands of a map").isEqualTo(commands);
      try (Gather gather = domain.gather()) {
        long invalidations = rig.model.invalidations();
        long completions = rig.model.completions();
        domain.unmap(frame, frame, gather);
        assertThat(iommu.commands().commands()).as("before the flush").isEqualTo(commands);
        gather.flush();
        assertThat(rig.model.invalidations()).isGreaterThan(invalidations);
        assertThat(rig.model.completions()).isGreaterThan(completions);
        commands = iommu.commands().commands();
        gather.flush();
        assertThat(iommu.commands().commands()).as("of an empty flush").isEqualTo(commands);
      }
      rig.checkValid(domain);
    }
  }

  private static void order(UnitRig rig, String format) {
    try (Iommu iommu = rig.open()) {
      IommuDomain domain = iommu.newDomain("one", format);
      domain.attach(DEVICE);
      long frame = domain.format().frameBytes();
      long span = 1L << domain.format().levels().getLast().shift();
      rig.map(domain, 0, 0, frame);
      List<TableDescriptor> tables = rig.watch(domain);
      assertThat(tables).as("tables below the root").isNotEmpty();
      Gather gather = domain.gather();
      assertThat(domain.unmap(0, span, gather)).isEqualTo(frame);
      rig.settle();
      assertThat(tables).allMatch(table -> table.state() == TableState.UNHOOKED);
      rig.model.pause();
      Thread flush = Thread.ofPlatform().start(gather::close);
      try {
        TimeUnit.MILLISECONDS.sleep(30);
        assertThat(flush.isAlive()).as("the flush waits for the unit").isTrue();
        assertThat(tables).allMatch(table -> table.state() == TableState.UNHOOKED);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      } finally {
        rig.model.resume();
        join(flush);
      }
      rig.trim(iommu);
      assertThat(tables).allMatch(table -> table.state() == TableState.FREE);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void reserved(UnitRig rig, String format) {
    try (Iommu iommu = rig.open()) {
      IommuDomain domain = iommu.newDomain("one", format);
      long frame = domain.format().frameBytes();
      for (AddressRange range : domain.reserved()) {
        try (Gather gather = domain.gather()) {
          long first = range.start() & -frame;
          long last = range.last() & -frame;
          refused(Reason.VA_OUTSIDE_FORMAT, () -> domain.map(first, 0, frame, UnitRig.RW, gather));
          refused(Reason.VA_OUTSIDE_FORMAT, () -> domain.map(last, 0, frame, UnitRig.RW, gather));
        }
      }
      rig.checkValid(domain);
    }
  }

  private static void close(UnitRig rig, String format) {
    try (Iommu iommu = rig.open()) {
      long pages = iommu.pages();
      for (int i = 0; i < 3; i++) {
        IommuDomain domain = iommu.newDomain("one", format);
        domain.attach(DEVICE);
        rig.map(domain, 0, 0, 8 * domain.format().frameBytes());
        rig.watch(domain);
        domain.close();
        domain.close();
        refused(Reason.CLOSED, () -> domain.attach(DEVICE));
        refused(Reason.CLOSED, domain::rootPa);
      }
      rig.trim(iommu);
      // Root and context tables stay for the next device.
      assertThat(iommu.pages()).isLessThanOrEqualTo(pages + 8);
    }
  }
}
