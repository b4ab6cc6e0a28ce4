package dev.memdesc.iommu.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.PageTableException;
import dev.memdesc.core.Memdesc;
import dev.memdesc.tck.iommu.IntelModel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a unit is told, in both modes, on the model: structures word by word, commands counted. */
final class IntelUnitTest {
  private static final int DEVICE = 0x1A5;
  private static final long PA = -1L << 12;
  private final Memdesc machine = Memdesc.builder().arch("x86/4-level").build();

  @AfterEach
  void nothingIsLeft() {
    machine.close();
    assertThat(machine.allocator().allocatedBytes()).isZero();
  }

  private long load(long pa) {
    return machine.memory().loadAcquire(pa);
  }

  @Test
  void legacyContexts() {
    IntelModel model = IntelModel.legacy(machine.memory());
    try (Iommu iommu = machine.openIommu("intel", model)) {
      assertThat(iommu.formats()).hasSize(3);
      IommuDomain wide = iommu.newDomain("wide");
      IommuDomain narrow = iommu.newDomain("narrow", "intel/ss-39");
      wide.attach(DEVICE);
      narrow.attach(DEVICE + 1);
      long table = load(model.read64(Registers.RTADDR) + 16);
      assertThat(table & ~PA).isEqualTo(1);
      long entry = (table & PA) + 0xA5 * 16L;
      assertThat(load(entry)).isEqualTo(wide.rootPa() | 1);
      assertThat(load(entry + 8)).isEqualTo((long) wide.id() << 8 | 2);
      assertThat(load(entry + 16)).isEqualTo(narrow.rootPa() | 1);
      assertThat(load(entry + 24)).isEqualTo((long) narrow.id() << 8 | 1);
      assertThatThrownBy(() -> wide.attach(3, 1)).hasMessageContaining("legacy mode");
      wide.detach(DEVICE);
      assertThat(load(entry)).isZero();
      assertThat(load(entry + 8)).isZero();
    }
    assertThat(model.read32(Registers.GSTS) & (Registers.GCMD_TE | Registers.GCMD_QIE)).isZero();
    assertThat(model.commands()).doesNotContainKey("PASID-cache").containsKey("context-cache");
  }

  @Test
  void scalableContextsAndPasids() {
    IntelModel model = IntelModel.scalable(machine.memory());
    try (Iommu iommu = machine.openIommu("intel", model)) {
      IommuDomain second = iommu.newDomain("second");
      IommuDomain first = iommu.newDomain("first", "intel/fs-57");
      second.attach(DEVICE);
      long rtaddr = model.read64(Registers.RTADDR);
      assertThat(rtaddr & ~PA).isEqualTo(0x400);
      // devfn 0xA5 is in the upper table.
      assertThat(load((rtaddr & PA) + 16)).isZero();
      long entry = (load((rtaddr & PA) + 24) & PA) + 0x25 * 32L;
      long directory = load(entry);
      assertThat(directory & ~PA).isEqualTo(1);
      assertThat(load(entry + 8)).isZero();
      long pasidEntry = load(directory & PA) & PA;
      assertThat(load(pasidEntry)).isEqualTo(second.rootPa() | 0x289);
      assertThat(load(pasidEntry + 8)).isEqualTo(second.id());

      // PASID 0x54321 is entry 33 of table 0x150C: the directory grows to 2^13 entries.
      first.attach(DEVICE, 0x54321);
      directory = load(entry);
      assertThat(directory & ~PA).isEqualTo((13 - 7) << 9 | 8 | 1);
      assertThat(load(directory & PA) & PA).isEqualTo(pasidEntry);
      pasidEntry = (load((directory & PA) + 0x150C * 8L) & PA) + 33 * 64L;
      assertThat(load(pasidEntry)).isEqualTo(3 << 2 | 1 << 6 | 1);
      assertThat(load(pasidEntry + 8)).isEqualTo(first.id());
      assertThat(load(pasidEntry + 16)).isEqualTo(first.rootPa() | 0x24);
      assertThatThrownBy(() -> first.attach(DEVICE, 1 << 20)).hasMessageContaining("1..1048575");
      assertThatThrownBy(() -> first.attach(DEVICE, 0)).hasMessageContaining("a PASID lies in");

      unmapOne(first, model, "PASID-IOTLB");
      unmapOne(second, model, "IOTLB");
      first.detach(DEVICE, 0x54321);
      second.detach(DEVICE);
      assertThat(load(entry)).isZero();
    }
  }

  private static void unmapOne(IommuDomain domain, IntelModel model, String command) {
    try (Gather gather = domain.gather()) {
      domain.map(0x10000, 0x20000, 0x1000, Attributes.USER_DATA, gather);
      gather.flush();
      domain.map(0x11000, 0x20000, 0x1000, Attributes.USER_DATA, gather);
      gather.flush();
      long before = model.commands().getOrDefault(command, 0L);
      domain.unmap(0x10000, 0x1000, gather);
      gather.flush();
      assertThat(model.commands().getOrDefault(command, 0L)).isEqualTo(before + 1);
    }
  }

  @Test
  void nestedDomains() {
    IntelModel model = IntelModel.scalable(machine.memory());
    try (Iommu iommu = machine.openIommu("intel", model)) {
      IommuDomain second = iommu.newDomain("second", "intel/ss-39");
      IommuDomain nested = iommu.newNestedDomain("nested", "intel/fs-48", second);
      nested.attach(DEVICE);
      long rtaddr = model.read64(Registers.RTADDR) & PA;
      long context = load((load(rtaddr + 24) & PA) + 0x25 * 32L);
      long entry = load(context & PA) & PA;
      assertThat(load(entry)).isEqualTo(second.rootPa() | 0x200 | 3 << 6 | 1 << 2 | 1);
      assertThat(load(entry + 8)).isEqualTo(nested.id());
      assertThat(load(entry + 16)).isEqualTo(nested.rootPa() | 0x20);
      // What lies above is forgotten with the second stage.
      long before = model.commands().getOrDefault("IOTLB", 0L);
      try (Gather gather = second.gather()) {
        second.map(0, 0x20000, 0x1000, Attributes.USER_DATA, gather);
        second.map(0x1000, 0x20000, 0x1000, Attributes.USER_DATA, gather);
        second.unmap(0, 0x1000, gather);
        gather.flush();
      }
      assertThat(model.commands().getOrDefault("IOTLB", 0L)).isEqualTo(before + 2);
      assertThatThrownBy(() -> iommu.newNestedDomain("wrong", "intel/ss-48", second))
          .hasMessageContaining("a first stage above a second");
      nested.close();
      second.close();
    }
  }

  @Test
  void faultsOverflowAndAreCounted() {
    IntelModel model = IntelModel.scalable(machine.memory());
    try (Iommu iommu = machine.openIommu("intel", model)) {
      IommuDomain domain = iommu.newDomain("domain");
      domain.attach(DEVICE);
      List<IommuFault> found = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < model.faultRoom() + 2; i++) {
          model.request(i % 2 == 0 ? DEVICE : 7, -1, (long) i << 12, i % 3 == 0);
        }
        found.clear();
        assertThat(iommu.pollFaults(found::add)).isEqualTo(1);
        assertThat(found).hasSize(model.faultRoom());
        assertThat(found.get(3).iova()).isEqualTo(0x3000);
        assertThat(found.get(3).kind()).isEqualTo(IommuFault.Kind.NO_DOMAIN);
        assertThat(iommu.pollFaults(found::add)).isZero();
      }
      model.request(DEVICE, -1, 0x5000, true);
      model.request(DEVICE, -1, 0x6000, true);
      assertThat(iommu.pollFaults(found::add)).isZero();
      assertThat(found).hasSize(model.faultRoom() + 2);
    }
  }

  @Test
  void aRefusedCommandIsMadeUpForByForgettingEverything() {
    IntelModel model = IntelModel.scalable(machine.memory());
    try (Iommu iommu = machine.openIommu("intel", model)) {
      IommuDomain domain = iommu.newDomain("domain");
      domain.attach(DEVICE);
      long contexts = model.commands().getOrDefault("context-cache", 0L);
      try (Gather gather = domain.gather()) {
        domain.map(0x10000, 0x20000, 0x1000, Attributes.USER_DATA, gather);
        model.refuseNext();
        domain.unmap(0x10000, 0x1000, gather);
        gather.flush();
      }
      assertThat(iommu.commands().errors()).isEqualTo(1);
      // The command that the queue puts in its place forgets translations only.
      assertThat(model.commands().getOrDefault("context-cache", 0L)).isEqualTo(contexts + 1);
    }
  }

  @Test
  void largeRangesAreForgottenAsAWhole() {
    IntelModel model = IntelModel.scalable(machine.memory());
    try (Iommu iommu = machine.openIommu("intel", model)) {
      IommuDomain domain = iommu.newDomain("domain");
      try (Gather gather = domain.gather()) {
        // Across a boundary of every power of two: two commands.
        domain.map((1L << 40) - 0x1000, 0x10000, 0x2000, Attributes.USER_DATA, gather);
        gather.flush();
        long before = model.commands().getOrDefault("IOTLB", 0L);
        domain.unmap((1L << 40) - 0x1000, 0x2000, gather);
        gather.flush();
        assertThat(model.commands().getOrDefault("IOTLB", 0L) - before).isLessThanOrEqualTo(3);
        domain.map(0, 0, 4L << 30, Attributes.USER_DATA, gather);
      } catch (PageTableException e) {
        assertThat(e)
            .hasMessageContaining("an iova that is mapped is one that the unit translates");
      }
    }
  }

  @Test
  void domainIdsEnd() {
    long cap = IntelModel.legacy(machine.memory()).read64(Registers.CAP) & ~7L;
    long ecap = IntelModel.legacy(machine.memory()).read64(Registers.ECAP);
    try (Iommu iommu = machine.openIommu("intel", IntelModel.with(machine.memory(), cap, ecap))) {
      List<IommuDomain> all = new ArrayList<>();
      for (int i = 1; i < 16; i++) {
        all.add(iommu.newDomain("domain " + i));
        assertThat(all.getLast().id()).isEqualTo(i);
      }
      assertThatThrownBy(() -> iommu.newDomain("one more"))
          .hasMessageContaining("a domain id is left: domains=15");
      all.get(4).close();
      assertThat(iommu.newDomain("again").id()).isEqualTo(5);
    }
  }
}
