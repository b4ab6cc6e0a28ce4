package dev.memdesc.referee.intel;

import dev.memdesc.api.IommuFault;
import dev.memdesc.referee.Qemu;
import dev.memdesc.referee.iommu.Cause;
import dev.memdesc.referee.iommu.UnitSetting;
import dev.memdesc.referee.qtest.PcBoard;
import dev.memdesc.referee.qtest.QtestBoard;
import java.util.List;
import java.util.Optional;

/** The ways in which QEMU's {@code intel-iommu} is started. */
public enum IntelSetting implements UnitSetting {
  /** Contexts lead to second-stage tables at once. */
  LEGACY("legacy mode", "", false),
  /** PASID tables lead to second-stage tables. */
  SCALABLE("scalable mode", ",x-scalable-mode=on", false),
  /** PASID tables lead to first-stage tables, in which the unit sets A and D. */
  FIRST_STAGE("QEMU 10 with first stage", ",x-scalable-mode=on,x-flts=on", true);

  /** Fixed on a PC. */
  private static final long UNIT_PA = 0xFED9_0000L;

  private static final String PROGRAM = "qemu-system-x86_64";

  private final String title;
  private final String options;
  private final boolean firstStage;

  IntelSetting(String title, String options, boolean firstStage) {
    this.title = title;
    this.options = options;
    this.firstStage = firstStage;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public Optional<Qemu> qemu() {
    return firstStage ? Qemu.findNewer(PROGRAM) : Optional.of(Qemu.find(PROGRAM));
  }

  @Override
  public QtestBoard board() {
    return new PcBoard("intel-iommu,intremap=off,aw-bits=48" + options);
  }

  @Override
  public long unitPa() {
    return UNIT_PA;
  }

  @Override
  public String machineFormat() {
    return "x86/4-level";
  }

  @Override
  public List<String> formats() {
    return firstStage ? List.of("intel/fs-48") : List.of("intel/ss-48", "intel/ss-39");
  }

  @Override
  public boolean setsStates() {
    return firstStage;
  }

  /** QEMU numbers what it finds in scalable mode's contexts and second stage as in legacy mode. */
  @Override
  public String wrong(Cause cause, IommuFault fault) {
    int wanted =
        switch (cause) {
          case HOLE -> firstStage ? 0x71 : fault.write() ? 0x5 : 0x6;
          case PERMISSION -> firstStage ? 0x85 : fault.write() ? 0x5 : 0x6;
          case BEYOND -> firstStage ? 0x80 : 0x4;
          case DETACHED -> 0x2;
        };
    // The root entry of a bus is not there before one of its devices is.
    boolean noRoot = cause == Cause.DETACHED && fault.code() == 0x1;
    return fault.code() == wanted || noRoot
        ? ""
        : "the reason is not 0x" + Integer.toHexString(wanted);
  }
}
