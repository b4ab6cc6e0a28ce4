package dev.memdesc.arch.arm64;

import com.google.auto.service.AutoService;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/**
 * arm64 as a backend: stage 1 of a regime with EL1 and EL0, and stage 2. The registers are drawn at
 * {@link Registers}, the entries at {@link Arm64Format}.
 */
@AutoService(ArchBackend.class)
public final class Arm64Backend implements ArchBackend {
  private static final int ASID_MAX = 0xFFFF;
  private static final long SCTLR_M = 1;
  private static final long HCR_VM = 1;

  /** Found by {@link java.util.ServiceLoader}. */
  public Arm64Backend() {}

  @Override
  public String name() {
    return "arm64";
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of("aarch64");
  }

  @Override
  public List<TableFormat> variants() {
    return Arm64Format.VARIANTS;
  }

  /**
   * For stage 1 TTBR0_EL1 or TTBR1_EL1, TCR_EL1, MAIR_EL1 and the bit of SCTLR_EL1 that switches
   * translation on; for stage 2 VTTBR_EL2, VTCR_EL2 and the bit of HCR_EL2.
   *
   * @param asid the ASID or VMID, 0..65535; above 255 the register says that it has 16 bits
   * @throws PageTableException with {@link Reason#ATTRIBUTE} for another asid, {@link
   *     Reason#MISALIGNED} or {@link Reason#PA_TOO_WIDE} for a root that the register cannot hold,
   *     {@link Reason#UNKNOWN_NAME} for a format that is not of this backend
   */
  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    Variant variant = Arm64Format.BY_NAME.get(format.name());
    if (variant == null) {
      throw PageTableException.because(Reason.UNKNOWN_NAME, "a format is one of the backend's")
          .with("format", format)
          .with("backend", name())
          .build();
    }
    check(format, rootPa, asid);
    long ttbr = Registers.ttbr(variant, rootPa, asid);
    if (variant.stageTwo()) {
      return List.of(
          new RegisterValue("VTTBR_EL2", ttbr),
          new RegisterValue("VTCR_EL2", Registers.vtcr(variant, format.paBits(), asid)),
          new RegisterValue("HCR_EL2", HCR_VM));
    }
    String root = variant.half() == Variant.Half.UPPER ? "TTBR1_EL1" : "TTBR0_EL1";
    return List.of(
        new RegisterValue(root, ttbr),
        new RegisterValue("TCR_EL1", Registers.tcr(variant, asid)),
        new RegisterValue("MAIR_EL1", Registers.MAIR_EL1),
        new RegisterValue("SCTLR_EL1", SCTLR_M));
  }

  private static void check(TableFormat format, long rootPa, int asid) {
    if (asid < 0 || asid > ASID_MAX) {
      throw PageTableException.because(Reason.ATTRIBUTE, "an ASID or VMID lies in 0.." + ASID_MAX)
          .with("asid", asid)
          .with("format", format)
          .build();
    }
    int alignLg2 = format.level(format.rootLevel()).table().alignLg2();
    if ((rootPa & (1L << alignLg2) - 1) != 0) {
      throw PageTableException.because(
              Reason.MISALIGNED, "a root is aligned to 2^" + alignLg2 + " bytes")
          .hex("rootPa", rootPa)
          .with("format", format)
          .build();
    }
    if (rootPa >>> format.paBits() != 0) {
      throw PageTableException.because(Reason.PA_TOO_WIDE, "a root lies below 2^" + format.paBits())
          .hex("rootPa", rootPa)
          .with("format", format)
          .build();
    }
  }
}
