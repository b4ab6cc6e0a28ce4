package dev.memdesc.arch.powerpc;

import com.google.auto.service.AutoService;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/**
 * POWER as a backend: Power ISA 3.0B, book III, 5.7 "Storage addressing" for what a processor needs
 * before it walks a root (level 3, the PGD). Most of it is in memory; {@link RadixTables} has it.
 *
 * <p>The tables translate the 52 lower bits of an effective address. Its two highest bits, the
 * quadrant, choose the root and are no part of a va here: quadrant 0 is PIDR's, quadrant 3, where a
 * kernel lives, that of PID 0.
 */
@AutoService(ArchBackend.class)
public final class PowerPcBackend implements ArchBackend {
  static final String NAME = "powerpc";

  /** User process tables: an address leads through a process table. */
  private static final long LPCR_UPRT = 1L << 22;

  /** Host radix. */
  private static final long LPCR_HR = 1L << 20;

  /** Guests may invalidate translations. */
  private static final long LPCR_GTSE = 1L << 10;

  private static final int PID_BITS = 20;

  /** Found by {@link java.util.ServiceLoader}. */
  public PowerPcBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of("ppc64", "ppc64le");
  }

  @Override
  public List<TableFormat> variants() {
    return PowerPcFormat.VARIANTS;
  }

  /**
   * PIDR, LPIDR and LPCR, and as {@code PRTE.0} and {@code PRTE.1} the two doublewords that the
   * process table holds at 16 times the PID. Where that table is, is the machine's affair and not
   * the root's: {@link RadixTables#writeProcess} and {@link RadixTables#writePartition} write it,
   * {@link RadixTables#tableBase} gives PTCR. Empty for the hash formats, whose tables no hardware
   * walks.
   *
   * @param asid the PID, 0..2^20-1; 0 is the kernel's
   * @throws PageTableException with {@link Reason#ATTRIBUTE} for another asid, {@link
   *     Reason#MISALIGNED} or {@link Reason#PA_TOO_WIDE} for a root that an entry cannot hold
   */
  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    if (asid < 0 || asid >= 1 << PID_BITS) {
      throw PageTableException.because(Reason.ATTRIBUTE, "a PID lies in 0..2^20-1")
          .with("asid", asid)
          .with("format", format)
          .hint("PID 0 is the kernel's")
          .build();
    }
    if (!PowerPcFormat.isRadix(format)) {
      return List.of();
    }
    return List.of(
        new RegisterValue("PIDR", asid),
        new RegisterValue("LPIDR", 0),
        new RegisterValue("LPCR", LPCR_UPRT | LPCR_HR | LPCR_GTSE),
        new RegisterValue("PRTE.0", RadixTables.processEntry(rootPa)),
        new RegisterValue("PRTE.1", 0));
  }
}
