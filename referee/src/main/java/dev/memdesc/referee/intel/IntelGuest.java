package dev.memdesc.referee.intel;

import com.google.auto.service.AutoService;
import dev.memdesc.referee.iommu.UnitGuest;
import dev.memdesc.referee.iommu.UnitSetting;
import java.util.List;

/** VT-d in QEMU: second stage in both modes, first stage in a newer QEMU. */
@AutoService(UnitGuest.class)
public final class IntelGuest implements UnitGuest {
  /** Found by {@link java.util.ServiceLoader}. */
  public IntelGuest() {}

  @Override
  public String backend() {
    return "intel";
  }

  @Override
  public List<UnitSetting> settings() {
    return List.of(IntelSetting.LEGACY, IntelSetting.SCALABLE, IntelSetting.FIRST_STAGE);
  }

  @Override
  public List<String> unseen() {
    return List.of(
        "snooping", "software bits", "requests with PASID", "nested stages", "devices' own caches");
  }
}
