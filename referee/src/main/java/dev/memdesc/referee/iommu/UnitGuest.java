package dev.memdesc.referee.iommu;

import java.util.List;

/** How QEMU is asked about one IOMMU's tables. Found by {@link java.util.ServiceLoader}. */
public interface UnitGuest {
  /** The backend's name. */
  String backend();

  /** The machines to ask, each for some formats. */
  List<UnitSetting> settings();

  /** What of the formats QEMU does not look at. */
  List<String> unseen();
}
