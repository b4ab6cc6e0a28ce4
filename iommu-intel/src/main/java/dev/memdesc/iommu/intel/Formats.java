package dev.memdesc.iommu.intel;

import dev.memdesc.api.format.TableFormat;
import java.util.ArrayList;
import java.util.List;

/** The formats, and which of them a unit can walk. */
final class Formats {
  private static final int ALL_SIZES = SecondStage.HIGHEST_LEAF_LEVEL + 1;
  private static final List<Integer> SECOND_STAGE_BITS = List.of(48, 39, 57);
  private static final List<Integer> FIRST_STAGE_BITS = List.of(48, 57);

  /** The formats, the default first. */
  static final List<TableFormat> VARIANTS = variants();

  private Formats() {}

  private static List<TableFormat> variants() {
    List<TableFormat> all = new ArrayList<>();
    SECOND_STAGE_BITS.forEach(
        bits -> all.add(SecondStage.format(secondStageName(bits), bits, ALL_SIZES, true)));
    FIRST_STAGE_BITS.forEach(
        bits -> all.add(FirstStage.format(firstStageName(bits), bits, ALL_SIZES)));
    return List.copyOf(all);
  }

  private static String secondStageName(int bits) {
    return "intel/ss-" + bits;
  }

  private static String firstStageName(int bits) {
    return "intel/fs-" + bits;
  }

  /**
   * What a unit can walk, in the order of the variants: each without the leaves and the memory type
   * that the unit lacks.
   */
  static List<TableFormat> offered(Capabilities unit) {
    List<TableFormat> all = new ArrayList<>();
    for (int bits : SECOND_STAGE_BITS) {
      if (unit.secondStage(bits)) {
        all.add(
            SecondStage.format(
                secondStageName(bits), bits, unit.secondStageLeafLevels(), unit.snoopControl()));
      }
    }
    for (int bits : FIRST_STAGE_BITS) {
      if (unit.firstStage(bits)) {
        all.add(FirstStage.format(firstStageName(bits), bits, unit.firstStageLeafLevels()));
      }
    }
    return List.copyOf(all);
  }

  /** Whether a format is of the first stage. */
  static boolean isFirstStage(TableFormat format) {
    return FIRST_STAGE_BITS.stream().anyMatch(bits -> format.name().equals(firstStageName(bits)));
  }
}
