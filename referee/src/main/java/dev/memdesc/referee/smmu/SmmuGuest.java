package dev.memdesc.referee.smmu;

import com.google.auto.service.AutoService;
import dev.memdesc.referee.iommu.UnitGuest;
import dev.memdesc.referee.iommu.UnitSetting;
import java.util.List;

/** SMMUv3 in QEMU: stage 1, and in a newer QEMU stage 2. */
@AutoService(UnitGuest.class)
public final class SmmuGuest implements UnitGuest {
  /** Found by {@link java.util.ServiceLoader}. */
  public SmmuGuest() {}

  @Override
  public String backend() {
    return "arm-smmu";
  }

  @Override
  public List<UnitSetting> settings() {
    return List.of(SmmuSetting.STAGE_ONE, SmmuSetting.STAGE_TWO);
  }

  @Override
  public List<String> unseen() {
    return List.of(
        "memory types",
        "the access flag (QEMU 7 does not look at it)",
        "execute never",
        "privilege (AP[1])",
        "software bits",
        "requests with SubstreamID",
        "walk caches");
  }
}
