package dev.memdesc.iommu.smmu;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.arch.arm64.Arm64Tables;
import java.util.ArrayList;
import java.util.List;

/**
 * The page tables that an SMMUv3 walks: VMSAv8-64, IHI 0070 section 3.4. The descriptors are
 * arm64's; what a device sees in stage 1 is at {@link StageOneCodec}. Beside them the short
 * descriptors of older units, which no SMMUv3 walks: {@link ShortFormat}.
 */
final class SmmuFormats {
  /** The backend's name, before the slash. */
  static final String NAME = "arm-smmu";

  private static final String STAGE_TWO = NAME + "/s2-";

  /** The formats, the default first. */
  static final List<TableFormat> VARIANTS = variants();

  private SmmuFormats() {}

  private static List<TableFormat> variants() {
    List<TableFormat> all = new ArrayList<>();
    all.add(stageOne(12, 48));
    all.add(stageOne(12, 39));
    all.add(stageOne(14, 36));
    all.add(stageOne(14, 47));
    all.add(stageOne(14, 48));
    all.add(stageOne(16, 42));
    all.add(stageOne(16, 48));
    all.add(stageOne(16, 52));
    all.add(stageTwo(12, 40));
    all.add(stageTwo(12, 44));
    all.add(stageTwo(12, 48));
    all.add(stageTwo(14, 40));
    all.add(stageTwo(16, 42));
    all.add(ShortFormat.of(NAME + "/v7s"));
    return List.copyOf(all);
  }

  private static TableFormat stageOne(int granuleLg2, int bits) {
    return Arm64Tables.stageOne(
        NAME + "/s1-" + label(granuleLg2) + "-" + bits, granuleLg2, bits, StageOneCodec::new);
  }

  private static TableFormat stageTwo(int granuleLg2, int bits) {
    return Arm64Tables.stageTwo(STAGE_TWO + label(granuleLg2) + "-" + bits, granuleLg2, bits);
  }

  private static String label(int granuleLg2) {
    return (1 << (granuleLg2 - 10)) + "k";
  }

  /** Whether an SMMUv3 walks a format at all: it has no short descriptors. */
  static boolean isWalked(TableFormat format) {
    return format.itemBytes() == Long.BYTES;
  }

  /** Whether a format is walked as stage 2. */
  static boolean isStageTwo(TableFormat format) {
    return format.name().startsWith(STAGE_TWO);
  }
}
