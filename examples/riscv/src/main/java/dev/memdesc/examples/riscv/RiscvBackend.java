package dev.memdesc.examples.riscv;

import com.google.auto.service.AutoService;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/**
 * RISC-V as a backend: volume II, 4.1.11 "Supervisor address translation and protection register".
 *
 * <pre>
 *        63   60 59      44 43                       0
 *       +-------+----------+--------------------------+
 *  satp | MODE  |   ASID   |      pa[55:12] of root   |   MODE: 8 Sv39, 9 Sv48, 10 Sv57
 *       +-------+----------+--------------------------+
 * </pre>
 */
@AutoService(ArchBackend.class)
public final class RiscvBackend implements ArchBackend {
  static final String NAME = "riscv";

  private static final int MODE_SHIFT = 60;
  private static final int ASID_SHIFT = 44;
  private static final int ASID_MAX = 0xFFFF;

  /** Sv39 has three levels and mode 8. */
  private static final long MODE_LESS_LEVELS = 5;

  /** Found by {@link java.util.ServiceLoader}. */
  public RiscvBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of("riscv64");
  }

  @Override
  public List<TableFormat> variants() {
    return RiscvFormat.VARIANTS;
  }

  /**
   * The register satp.
   *
   * @param asid 0..65535
   * @throws PageTableException with {@link Reason#ATTRIBUTE} for another asid, {@link
   *     Reason#MISALIGNED} or {@link Reason#PA_TOO_WIDE} for a root that satp cannot hold
   */
  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    if (asid < 0 || asid > ASID_MAX) {
      throw PageTableException.because(Reason.ATTRIBUTE, "an ASID lies in 0.." + ASID_MAX)
          .with("asid", asid)
          .build();
    }
    if ((rootPa & (format.frameBytes() - 1)) != 0) {
      throw PageTableException.because(Reason.MISALIGNED, "a root is aligned to 4 KiB")
          .hex("rootPa", rootPa)
          .build();
    }
    if (rootPa >>> RiscvFormat.PA_BITS != 0) {
      throw PageTableException.because(Reason.PA_TOO_WIDE, "a root lies below 2^56")
          .hex("rootPa", rootPa)
          .build();
    }
    long mode = MODE_LESS_LEVELS + format.levels().size();
    return List.of(
        new RegisterValue(
            "satp",
            mode << MODE_SHIFT | (long) asid << ASID_SHIFT | rootPa >>> RiscvFormat.FRAME_LG2));
  }
}
