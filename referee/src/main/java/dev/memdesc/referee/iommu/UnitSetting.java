package dev.memdesc.referee.iommu;

import dev.memdesc.api.IommuFault;
import dev.memdesc.referee.Qemu;
import dev.memdesc.referee.qtest.QtestBoard;
import java.util.List;
import java.util.Optional;

/** One machine with a unit. */
public interface UnitSetting {
  /** What it is, for reports. */
  String title();

  /** The QEMU that it needs, if it is there. */
  Optional<Qemu> qemu();

  /** The machine. */
  QtestBoard board();

  /** The pa of the unit's first register. */
  long unitPa();

  /** The processor's format with which memdesc's machine is made: its frames are the unit's. */
  String machineFormat();

  /** The formats that are refereed here; the unit offers them. */
  List<String> formats();

  /** Whether the unit notes accesses in leaves. */
  boolean setsStates();

  /** Whether QEMU records the fault of a request at all. */
  default boolean recorded(Cause cause, long iova) {
    return true;
  }

  /** Whether a fault says in which direction and where the request was. */
  default boolean saysWhere(Cause cause) {
    return true;
  }

  /**
   * What is wrong with a recorded fault, beside its device, direction and page; empty if nothing.
   *
   * @param cause why the request was refused
   */
  String wrong(Cause cause, IommuFault fault);
}
