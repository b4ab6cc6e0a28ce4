package dev.memdesc.arch.arm64;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * arm64's tables for other hardware that walks them: SMMUv3 has the same descriptors, with other
 * attributes in stage 1, and the same register fields in its own structures.
 *
 * <p>All leaves are of one item: whoever maps for a device unmaps in any part of what was mapped,
 * and a contiguous group cannot be cut.
 */
public final class Arm64Tables {
  /** The fields of VTCR_EL2 that say how to walk: T0SZ, SL0, IRGN0, ORGN0, SH0, TG0, PS. */
  private static final long VTCR_WALK = (1 << 19) - 1;

  private Arm64Tables() {}

  /**
   * Stage 1.
   *
   * @param name of the format
   * @param granuleLg2 12, 14 or 16
   * @param bits of a va
   * @param codec makes the format's codec from that of a processor's stage 1
   */
  public static TableFormat stageOne(
      String name, int granuleLg2, int bits, UnaryOperator<EntryCodec> codec) {
    return of(name, Variant.stageOne(granule(granuleLg2), bits), codec);
  }

  /** Stage 2, with up to 16 tables side by side as a root. */
  public static TableFormat stageTwo(String name, int granuleLg2, int bits) {
    return of(name, Variant.stageTwo(granule(granuleLg2), bits), UnaryOperator.identity());
  }

  private static TableFormat of(String name, Variant variant, UnaryOperator<EntryCodec> codec) {
    TableFormat format = Arm64Format.of(variant);
    return new TableFormat(
        name,
        format.order(),
        format.frameLg2(),
        format.va(),
        format.paBits(),
        format.levels().stream().map(Arm64Tables::withoutGroups).toList(),
        format.capabilities(),
        codec.apply(format.codec()),
        format.breakBits(),
        null);
  }

  private static LevelLayout withoutGroups(LevelLayout level) {
    return new LevelLayout(
        level.manualName(),
        level.shift(),
        level.indexBits(),
        level.table(),
        level.empty(),
        level.emptyItem(),
        level.isTable(),
        level.tablePa(),
        level.tableConstant(),
        level.leaves().isEmpty() ? List.of() : List.of(level.leaves().getFirst()),
        level.accessed(),
        level.dirty(),
        level.softDirty(),
        level.mirror());
  }

  /** The code of TCR_EL1.TG0 and of the fields called so elsewhere. */
  public static int tg0(int granuleLg2) {
    return granule(granuleLg2).tg0();
  }

  /** The code of TCR_EL1.IPS and of the fields called so elsewhere, for 32..52 bits of pa. */
  public static int sizeCode(int paBits) {
    return (int) Registers.sizeCode(paBits);
  }

  /**
   * Bits 18:0 of VTCR_EL2 for a stage 2: how it is to be walked.
   *
   * @param format made by {@link #stageTwo}
   * @param paBits bits of an output address that the machine has
   */
  public static long vtcr(TableFormat format, int paBits) {
    Variant variant = Variant.stageTwo(granule(format.frameLg2()), format.va().bits());
    return Registers.vtcr(variant, paBits, 0) & VTCR_WALK;
  }

  private static Granule granule(int lg2) {
    for (Granule granule : Granule.values()) {
      if (granule.lg2() == lg2) {
        return granule;
      }
    }
    throw PageTableException.because(Reason.INCONSISTENT, "a granule has 4K, 16K or 64K")
        .with("granuleLg2", lg2)
        .build();
  }
}
