package dev.memdesc.iommu.smmu;

import static dev.memdesc.api.Access.ACCESSED;
import static dev.memdesc.api.Access.READ;
import static dev.memdesc.api.Access.USER;
import static dev.memdesc.api.Access.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.arch.arm64.Arm64Backend;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FaultInjectingAllocator;
import dev.memdesc.tck.iommu.ModelUnit;
import dev.memdesc.tck.iommu.ModelUnits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The unit on a model that consumes its commands and looks its structures up. */
final class SmmuUnitTest {
  private static final Attributes RW = Attributes.of(READ, WRITE, USER, ACCESSED);
  private static final int SID = 0x1234;
  private static final long MIB = 1L << 20;

  private final Memdesc memdesc =
      Memdesc.builder()
          .registry(BackendRegistry.of(List.of(new Arm64Backend()), List.of(new SmmuBackend())))
          .arch("arm64/4k-48")
          .memoryBytes(128 * MIB)
          .iommuTimeout(Duration.ofMillis(500))
          .allocator(
              (memory, descriptors, nodes) ->
                  new FaultInjectingAllocator(new BuddyPageAllocator(memory, descriptors, nodes)))
          .build();
  private final FaultInjectingAllocator allocator = (FaultInjectingAllocator) memdesc.allocator();
  private ModelUnit model =
      ModelUnits.of(BackendRegistry.of(List.of(), List.of(new SmmuBackend())), "arm-smmu")
          .create(memdesc.memory());
  private Iommu iommu;

  @BeforeEach
  void open() {
    iommu = memdesc.openIommu("arm-smmu", model);
  }

  @AfterEach
  void everythingIsGivenBack() {
    iommu.close();
    memdesc.rcu().barrier();
    memdesc.rcu().barrier();
    memdesc.close();
    assertThat(allocator.allocatedBytes()).isZero();
  }

  private static void with(IommuDomain domain, Consumer<Gather> change) {
    try (Gather gather = domain.gather()) {
      change.accept(gather);
    }
  }

  private List<IommuFault> faults() {
    List<IommuFault> found = new ArrayList<>();
    assertThat(iommu.pollFaults(found::add)).isZero();
    return found;
  }

  private long count(String command) {
    return model.commands().getOrDefault(command, 0L);
  }

  @Test
  void theUnitStartsEmptyAndInOrder() {
    assertThat(model.read32(0x20)).as("CR0").isEqualTo(0xD);
    assertThat(model.read64(0x80)).as("STRTAB_BASE").isNotZero();
    assertThat(model.read32(0x88)).as("STRTAB_BASE_CFG").isEqualTo(0x1_0210);
    assertThat(model.commands())
        .containsOnlyKeys("CMD_CFGI_STE_RANGE", "CMD_TLBI_NSNH_ALL", "CMD_SYNC");
    assertThat(iommu.formats()).first().hasToString("arm-smmu/s1-4k-48");
    assertThat(iommu.formats())
        .extracting(Object::toString)
        .contains("arm-smmu/s2-4k-40", "arm-smmu/s1-16k-47")
        .doesNotContain("arm-smmu/s1-64k-52");
  }

  @Test
  void anAttachedDeviceReachesItsTablesAndNoOtherDoes() {
    IommuDomain domain = iommu.newDomain("one");
    domain.attach(SID);
    model.request(SID, -1, 0x5678, true);
    assertThat(faults())
        .containsExactly(
            new IommuFault(
                SID, -1, 0x5678, true, IommuFault.Kind.NOT_MAPPED, 0x10, "F_TRANSLATION"));
    model.request(SID + 1, -1, 0x5678, true);
    assertThat(faults()).extracting(IommuFault::manualName).containsExactly("C_BAD_STE");
    model.request(0x4321, -1, 0x5678, true);
    assertThat(faults()).extracting(IommuFault::manualName).containsExactly("C_BAD_STREAMID");
    domain.detach(SID);
    model.request(SID, -1, 0x5678, true);
    assertThat(faults()).extracting(IommuFault::kind).containsExactly(IommuFault.Kind.NO_DOMAIN);
  }

  @Test
  void substreams() {
    IommuDomain plain = iommu.newDomain("without");
    IommuDomain one = iommu.newDomain("with 1");
    IommuDomain last = iommu.newDomain("with the last");
    plain.attach(SID);
    one.attach(SID, 1);
    last.attach(SID, 0xFFF);
    for (int pasid : new int[] {-1, 1, 0xFFF}) {
      model.request(SID, pasid, 0x1000, false);
    }
    assertThat(faults()).extracting(IommuFault::pasid).containsExactly(-1, 1, 0xFFF);
    model.request(SID, 2, 0x1000, false);
    assertThat(faults()).extracting(IommuFault::manualName).containsExactly("C_BAD_CD");
    one.detach(SID, 1);
    model.request(SID, 1, 0x1000, false);
    model.request(SID, 0xFFF, 0x1000, false);
    assertThat(faults())
        .extracting(IommuFault::manualName)
        .containsExactly("C_BAD_CD", "F_TRANSLATION");
    refused(Reason.VA_OUTSIDE_FORMAT, () -> one.attach(SID, 0));
    refused(Reason.VA_OUTSIDE_FORMAT, () -> one.attach(SID, 0x1000));
    refused(Reason.ALREADY_MAPPED, () -> one.attach(SID));
  }

  @Test
  void substreamsAlone() {
    IommuDomain one = iommu.newDomain("with 1");
    one.attach(SID, 1);
    model.request(SID, -1, 0x1000, false);
    model.request(SID, 1, 0x1000, false);
    assertThat(faults())
        .extracting(IommuFault::manualName)
        .containsExactly("C_BAD_CD", "F_TRANSLATION");
  }

  @Test
  void stageTwoAndNested() {
    IommuDomain second = iommu.newDomain("second", "arm-smmu/s2-4k-40");
    second.attach(SID);
    model.request(SID, -1, 0x1000, false);
    model.request(SID, 1, 0x1000, false);
    assertThat(faults())
        .extracting(IommuFault::manualName)
        .containsExactly("F_TRANSLATION", "C_BAD_SUBSTREAMID");
    refused(Reason.VA_OUTSIDE_FORMAT, () -> second.attach(SID + 1, 1));
    second.detach(SID);

    IommuDomain nested = iommu.newNestedDomain("nested", "arm-smmu/s1-4k-48", second);
    assertThat(refused(Reason.INCONSISTENT, () -> nested.attach(SID)))
        .contains("at their own address");
    with(second, g -> second.map(0, 0, 128 * MIB, Attributes.of(READ, WRITE, USER, ACCESSED), g));
    nested.attach(SID);
    model.request(SID, -1, 0x1000, false);
    assertThat(faults()).extracting(IommuFault::manualName).containsExactly("F_TRANSLATION");

    long before = count("CMD_TLBI_NH_ALL");
    with(second, g -> second.unmap(64 * MIB, 2 * MIB, g));
    assertThat(count("CMD_TLBI_S2_IPA")).isEqualTo(1);
    assertThat(count("CMD_TLBI_NH_ALL")).as("what both stages made").isEqualTo(before + 1);
    refused(Reason.ILLEGAL_STATE, second::close);
    nested.close();
    second.close();
  }

  @Test
  void rangesAreForgottenByOneCommandAndTablesByAddress() {
    IommuDomain domain = iommu.newDomain("one");
    with(domain, g -> domain.map(0x10_0000, 64 * MIB, 16 << 12, RW, g));
    with(domain, g -> domain.unmap(0x10_0000, 16 << 12, g));
    assertThat(count("CMD_TLBI_NH_VA")).isEqualTo(1);
    assertThat(count("CMD_TLBI_NH_ASID")).isZero();
  }

  @Test
  void numbersAreTakenAgainOnlyWhenForgotten() {
    IommuDomain one = iommu.newDomain("one");
    IommuDomain other = iommu.newDomain("other");
    assertThat(one.id()).isNotEqualTo(other.id());
    int id = one.id();
    long before = count("CMD_TLBI_NH_ASID");
    one.close();
    assertThat(count("CMD_TLBI_NH_ASID")).isEqualTo(before + 1);
    assertThat(iommu.newDomain("again").id()).isEqualTo(id);
  }

  @Test
  void aRefusedCommandForgetsStructuresToo() {
    IommuDomain domain = iommu.newDomain("one");
    long before = count("CMD_CFGI_STE_RANGE");
    model.refuseNext();
    domain.attach(SID);
    assertThat(iommu.commands().errors()).isEqualTo(1);
    assertThat(count("CMD_CFGI_STE_RANGE")).isEqualTo(before + 1);
    model.request(SID, -1, 0x1000, false);
    assertThat(faults()).extracting(IommuFault::manualName).containsExactly("F_TRANSLATION");
  }

  @Test
  void lostEventsAreToldOnce() {
    IommuDomain domain = iommu.newDomain("one");
    domain.attach(SID);
    int room = model.faultRoom();
    for (int i = 0; i < room + 3; i++) {
      model.request(SID, -1, (long) i << 12, false);
    }
    List<IommuFault> found = new ArrayList<>();
    assertThat(iommu.pollFaults(found::add)).isEqualTo(1);
    assertThat(found)
        .hasSize(room)
        .last()
        .extracting(IommuFault::iova)
        .isEqualTo((room - 1L) << 12);
    assertThat(faults()).isEmpty();
    model.request(SID, -1, 0x1000, false);
    assertThat(faults()).hasSize(1);
  }

  @Test
  void withoutMemoryNothingChanges() {
    IommuDomain domain = iommu.newDomain("one");
    long pages = iommu.pages();
    for (int n = 1; n < 3; n++) {
      allocator.failNth(n);
      PageTableException thrown =
          catchThrowableOfType(PageTableException.class, () -> domain.attach(SID));
      allocator.failNth(Long.MAX_VALUE);
      if (thrown == null) {
        domain.detach(SID);
      } else {
        assertThat(thrown.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        model.request(SID, -1, 0, false);
        assertThat(domain.devices()).isEmpty();
      }
      faults();
    }
    assertThat(iommu.pages()).as("a stream table and its page stay").isBetween(pages, pages + 5);
    domain.attach(SID);
  }

  @Test
  void aUnitThatDoesNotAnswerKeepsWhatItMayUse() {
    IommuDomain domain = iommu.newDomain("one");
    domain.attach(SID);
    model.pause();
    refused(Reason.TOOL, () -> domain.attach(SID + 1));
    refused(Reason.TOOL, () -> domain.detach(SID));
    model.resume();
    assertThat(domain.devices()).containsExactly(SID);
    domain.attach(SID + 1);
    model.request(SID + 1, -1, 0x1000, false);
    assertThat(faults()).extracting(IommuFault::manualName).containsExactly("F_TRANSLATION");
    domain.detach(SID);
  }

  private static String refused(Reason reason, Runnable operation) {
    PageTableException thrown = catchThrowableOfType(PageTableException.class, operation::run);
    assertThat(thrown).as(reason.toString()).isNotNull();
    assertThat(thrown.reason()).as(thrown.toString()).isEqualTo(reason);
    return thrown.toString();
  }
}
