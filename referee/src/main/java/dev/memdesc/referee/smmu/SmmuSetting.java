package dev.memdesc.referee.smmu;

import dev.memdesc.api.IommuFault;
import dev.memdesc.referee.Qemu;
import dev.memdesc.referee.iommu.Cause;
import dev.memdesc.referee.iommu.UnitSetting;
import dev.memdesc.referee.qtest.ArmBoard;
import dev.memdesc.referee.qtest.QtestBoard;
import java.util.List;
import java.util.Optional;

/** The ways in which QEMU's machine {@code virt} is started with an SMMUv3. */
public enum SmmuSetting implements UnitSetting {
  /** Context descriptors lead to tables of stage 1. */
  STAGE_ONE("stage 1", false),
  /**
   * Stream table entries lead to tables of stage 2. Not among them are formats whose root is tables
   * side by side: QEMU 10.0.2 walks the first of these only.
   */
  STAGE_TWO("QEMU 10 with stage 2", true);

  private static final String PROGRAM = "qemu-system-aarch64";

  private static final int UNIT_BITS = 48;

  /** Fixed on this machine. */
  private static final long UNIT_PA = 0x0905_0000L;

  private final String title;
  private final boolean newer;

  SmmuSetting(String title, boolean newer) {
    this.title = title;
    this.newer = newer;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public Optional<Qemu> qemu() {
    return newer ? Qemu.findNewer(PROGRAM) : Optional.of(Qemu.find(PROGRAM));
  }

  @Override
  public QtestBoard board() {
    return new ArmBoard("virt,iommu=smmuv3", List.of());
  }

  @Override
  public long unitPa() {
    return UNIT_PA;
  }

  @Override
  public String machineFormat() {
    return "arm64/4k-48";
  }

  @Override
  public List<String> formats() {
    if (newer) {
      return List.of("arm-smmu/s2-4k-44", "arm-smmu/s2-64k-42");
    }
    return List.of(
        "arm-smmu/s1-4k-48",
        "arm-smmu/s1-4k-39",
        "arm-smmu/s1-16k-36",
        "arm-smmu/s1-16k-47",
        "arm-smmu/s1-16k-48",
        "arm-smmu/s1-64k-42",
        "arm-smmu/s1-64k-48");
  }

  @Override
  public boolean setsStates() {
    return false;
  }

  /**
   * QEMU's unit is behind 48 bits of address; beyond them there is nothing. In stage 2 QEMU 10.0.2
   * records neither what is beyond its width nor what it refuses by a translation that it has
   * cached, be it by a refused request.
   */
  @Override
  public boolean recorded(Cause cause, long iova) {
    return iova >>> UNIT_BITS == 0
        && !(newer && (cause == Cause.BEYOND || cause == Cause.PERMISSION));
  }

  /** What has no valid stream table entry is recorded without address and direction. */
  @Override
  public boolean saysWhere(Cause cause) {
    return cause != Cause.DETACHED;
  }

  @Override
  public String wrong(Cause cause, IommuFault fault) {
    IommuFault.Kind wanted =
        switch (cause) {
          case HOLE, BEYOND -> IommuFault.Kind.NOT_MAPPED;
          case PERMISSION -> IommuFault.Kind.PERMISSION;
          case DETACHED -> IommuFault.Kind.NO_DOMAIN;
        };
    return fault.kind() == wanted ? "" : "it is not " + wanted;
  }
}
