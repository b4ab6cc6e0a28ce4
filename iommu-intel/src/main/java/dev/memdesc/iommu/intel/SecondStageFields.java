package dev.memdesc.iommu.intel;

import static dev.memdesc.iommu.intel.SecondStage.FRAME_LG2;
import static dev.memdesc.iommu.intel.SecondStage.HIGHEST_LEAF_LEVEL;
import static dev.memdesc.iommu.intel.SecondStage.PA_BITS;
import static dev.memdesc.iommu.intel.SecondStage.PS;
import static dev.memdesc.iommu.intel.SecondStage.R;
import static dev.memdesc.iommu.intel.SecondStage.W;
import static dev.memdesc.iommu.intel.SecondStage.X;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.SoftLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of second-stage entries in words: VT-d 9.8, for the SS-PT (level 0), SS-PD (1), SS-PDP
 * (2), SS-PML4 (3) and SS-PML5 (4). The pictures are drawn at {@link SecondStage}.
 */
final class SecondStageFields {
  private SecondStageFields() {}

  /** The fields of an item, from bit 63 to bit 0. */
  static List<BitField> of(long item, int level, SoftLayout soft) {
    if (item == 0) {
      return List.of(BitField.of("-", 63, 3), execute(), write(), read());
    }
    if ((item & (R | W | X)) == 0) {
      return softFields(item, soft);
    }
    boolean isLeaf = level == 0 || (level <= HIGHEST_LEAF_LEVEL && (item & PS) != 0);
    return isLeaf ? leaf(level) : table(level);
  }

  private static List<BitField> table(int level) {
    return List.of(
        ignored(63, 63),
        zero("TM", 62, 62),
        ignored(61, PA_BITS),
        new BitField(
            "PA",
            PA_BITS - 1,
            FRAME_LG2,
            value -> "the table of level " + (level - 1) + " at " + Hex.of(value << FRAME_LG2)),
        zero("-", 11, 11),
        ignored(10, 9),
        BitField.flag("A", 8, "not walked yet", "walked"),
        level <= HIGHEST_LEAF_LEVEL
            ? BitField.flag("PS", 7, "a table", "a leaf")
            : zero("PS", 7, 7),
        ignored(6, 3),
        execute(),
        BitField.flag("W", 1, "no writes below", "writes as far as the leaf says"),
        BitField.flag("R", 0, "no reads below", "reads as far as the leaf says"));
  }

  private static List<BitField> leaf(int level) {
    int shift = SecondStage.shift(level);
    List<BitField> fields = new ArrayList<>();
    fields.add(ignored(63, 63));
    fields.add(zero("TM", 62, 62));
    fields.add(
        new BitField("SW", 61, SecondStageCodec.SOFTWARE_SHIFT, value -> "left to software"));
    fields.add(
        new BitField(
            "PA",
            PA_BITS - 1,
            shift,
            value -> "the page of " + PageSizes.name(shift) + " at " + Hex.of(value << shift)));
    if (level > 0) {
      fields.add(zero("-", shift - 1, FRAME_LG2));
    }
    fields.add(BitField.flag("SNP", 11, "snooped as the request says", "snooped always"));
    fields.add(ignored(10, 10));
    fields.add(BitField.flag("D", 9, "not written", "written"));
    fields.add(BitField.flag("A", 8, "not accessed", "accessed"));
    fields.add(level > 0 ? BitField.flag("PS", 7, "a table", "a leaf") : ignored(7, 7));
    fields.add(ignored(6, 3));
    fields.add(execute());
    fields.add(write());
    fields.add(read());
    return List.copyOf(fields);
  }

  private static List<BitField> softFields(long item, SoftLayout soft) {
    boolean isPa = (item >>> soft.codeShift() & 3) == 0;
    return List.of(
        mustBeZero(63, 63),
        BitField.flag("SOFT", 62, "not one of memdesc's own entries", "software's entry"),
        mustBeZero(61, PA_BITS),
        new BitField(
            isPa ? "PA" : "payload",
            PA_BITS - 1,
            FRAME_LG2,
            value ->
                isPa
                    ? "the page at " + Hex.of(value << FRAME_LG2)
                    : "software's number " + Hex.of(value)),
        mustBeZero(FRAME_LG2 - 1, soft.codeShift() + 2),
        new BitField("kind", soft.codeShift() + 1, soft.codeShift(), soft::meaning),
        execute(),
        write(),
        read());
  }

  private static BitField read() {
    return BitField.flag("R", 0, "no reads", "reads allowed");
  }

  private static BitField write() {
    return BitField.flag("W", 1, "no writes", "writes allowed");
  }

  private static BitField execute() {
    return zero("X", 2, 2);
  }

  private static BitField ignored(int high, int low) {
    return new BitField("ignored", high, low, value -> "hardware ignores it");
  }

  private static BitField zero(String name, int high, int low) {
    return new BitField(
        name,
        high,
        low,
        value -> value == 0 ? "must be zero" : "must be zero: hardware reports a fault");
  }

  private static BitField mustBeZero(int high, int low) {
    return new BitField(
        "software", high, low, value -> value == 0 ? "zero" : "not one of memdesc's own entries");
  }
}
