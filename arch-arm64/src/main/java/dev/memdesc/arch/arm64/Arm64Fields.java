package dev.memdesc.arch.arm64;

import static dev.memdesc.arch.arm64.Arm64Format.TABLE;
import static dev.memdesc.arch.arm64.Arm64Format.VALID;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.BitField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The fields of arm64 descriptors in words: Arm ARM D8.3.1 "VMSAv8-64 descriptor formats". The
 * pictures are drawn at {@link Arm64Format} and, for SOFT entries, at {@link CommonBits}.
 */
final class Arm64Fields {
  private Arm64Fields() {}

  /** The fields of an item, from bit 63 to bit 0. */
  static List<BitField> of(Variant variant, long item, int level) {
    if ((item & VALID) == 0) {
      return item == 0 ? List.of(BitField.of("-", 63, 1), valid()) : soft(variant, item);
    }
    if (level > 0 && (item & TABLE) != 0) {
      return table(variant, level);
    }
    return leaf(variant, item, level);
  }

  private static List<BitField> table(Variant variant, int level) {
    List<BitField> fields = new ArrayList<>();
    if (variant.stageTwo()) {
      fields.add(ignored(63, 52));
    } else {
      fields.add(BitField.flag("NSTable", 63, "as the leaf says", "non-secure"));
      fields.add(
          new BitField(
              "APTable",
              62,
              61,
              value -> value == 0 ? "rights as the leaf says" : "fewer rights below"));
      fields.add(BitField.flag("UXNTable", 60, "as the leaf says", "no user fetches below"));
      fields.add(BitField.flag("PXNTable", 59, "as the leaf says", "no kernel fetches below"));
      fields.add(ignored(58, 52));
    }
    pa(variant, variant.granule().lg2(), "the table of level " + (level - 1), fields);
    if (variant.ds()) {
      fields.add(zero("-", variant.granule().lg2() - 1, 10));
      fields.add(highPa());
      fields.add(ignored(7, 2));
    } else if (variant.wide()) {
      fields.add(highPa64K());
      fields.add(ignored(11, 2));
    } else {
      fields.add(ignored(variant.granule().lg2() - 1, 2));
    }
    fields.add(BitField.flag("table", 1, "a block", "a table"));
    fields.add(valid());
    return List.copyOf(fields);
  }

  private static List<BitField> leaf(Variant variant, long item, int level) {
    int shift = variant.granule().shift(level);
    List<BitField> fields = new ArrayList<>();
    fields.add(ignored(63, 59));
    fields.add(new BitField("SW", 58, CommonBits.SOFTWARE_SHIFT, value -> "left to software"));
    fields.add(BitField.flag("dirty", 55, "software: not written", "software: written"));
    if (variant.stageTwo()) {
      fields.add(BitField.flag("XN", 54, "fetches allowed", "no fetches"));
      fields.add(zero("-", 53, 53));
    } else {
      fields.add(BitField.flag("UXN", 54, "user fetches allowed", "no user fetches"));
      fields.add(BitField.flag("PXN", 53, "kernel fetches allowed", "no kernel fetches"));
    }
    fields.add(BitField.flag("contiguous", 52, "a leaf of its own", "one of a group"));
    fields.add(
        BitField.flag(
            "DBM", 51, "hardware leaves the rights alone", "writable: hardware notes the first"));
    fields.add(
        variant.stageTwo()
            ? zero("-", 50, 50)
            : BitField.flag("GP", 50, "branches anywhere", "guarded: branches to BTI only"));
    pa(variant, shift, "the page of " + PageSizes.name(shift), fields);
    if (variant.wide() && !variant.ds() && level > 0) {
      fields.add(zero("-", shift - 1, 17));
      fields.add(BitField.flag("nT", 16, "-", "not cached while its size changes"));
      fields.add(highPa64K());
    } else if (variant.wide() && !variant.ds()) {
      fields.add(highPa64K());
    } else if (level > 0) {
      fields.add(zero("-", shift - 1, 17));
      fields.add(BitField.flag("nT", 16, "-", "not cached while its size changes"));
      fields.add(zero("-", 15, 12));
    } else if (shift > 12) {
      fields.add(zero("-", shift - 1, 12));
    }
    low(variant, item, fields);
    fields.add(
        level == 0
            ? BitField.flag("page", 1, "reserved: hardware reports a fault", "a page")
            : BitField.flag("table", 1, "a block", "a table"));
    fields.add(valid());
    return List.copyOf(fields);
  }

  /** Bits 11:2 of a leaf. */
  private static void low(Variant variant, long item, List<BitField> fields) {
    fields.add(
        variant.stageTwo()
            ? zero("-", 11, 11)
            : BitField.flag("nG", 11, "every address space", "this address space"));
    fields.add(BitField.flag("AF", 10, "not accessed: the first access faults", "accessed"));
    fields.add(
        variant.ds()
            ? highPa()
            : new BitField(
                "SH",
                9,
                8,
                value ->
                    List.of("not shareable", "reserved", "outer shareable", "inner shareable")
                        .get((int) value)));
    if (variant.stageTwo()) {
      fields.add(BitField.flag("S2AP[1]", 7, "no stores", "stores allowed"));
      fields.add(BitField.flag("S2AP[0]", 6, "no loads", "loads allowed"));
      fields.add(new BitField("MemAttr", 5, 2, value -> words(StageTwoCodec.type(item))));
    } else {
      fields.add(BitField.flag("AP[2]", 7, "writable", "read only"));
      fields.add(BitField.flag("AP[1]", 6, "kernel only", "user"));
      fields.add(BitField.flag("NS", 5, "-", "non-secure"));
      fields.add(new BitField("AttrIndx", 4, 2, value -> words(StageOneCodec.type(item))));
    }
  }

  private static List<BitField> soft(Variant variant, long item) {
    int low = variant.granule().lg2();
    boolean isPa = (item >>> CommonBits.SOFT_CODE_SHIFT & 3) == 0;
    return List.of(
        mustBeZero(63, variant.paBits()),
        new BitField(
            isPa ? "PA" : "payload",
            variant.paBits() - 1,
            low,
            value -> isPa ? "the page at " + Hex.of(value << low) : "software's number"),
        mustBeZero(low - 1, 4),
        new BitField(
            "kind",
            3,
            CommonBits.SOFT_CODE_SHIFT,
            value -> new CommonBits(variant).soft(0).meaning(value)),
        BitField.flag("SOFT", 1, "EMPTY", "in use by software"),
        valid());
  }

  /** The part of the pa that is in place, with what is above it up to bit 49 or 51. */
  private static void pa(Variant variant, int low, String what, List<BitField> fields) {
    int high = variant.ds() ? 49 : 47;
    int above = fields.getLast().low() - 1;
    if (above > high) {
      fields.add(zero("-", above, high + 1));
    }
    fields.add(
        new BitField(
            "PA[" + high + ":" + low + "]",
            high,
            low,
            value -> what + " at " + Hex.of(value << low) + (variant.wide() ? " or above" : "")));
  }

  private static BitField highPa() {
    return new BitField("PA[51:50]", 9, 8, value -> "adds " + Hex.of(value << 50));
  }

  private static BitField highPa64K() {
    return new BitField("PA[51:48]", 15, 12, value -> "adds " + Hex.of(value << 48));
  }

  private static BitField valid() {
    return BitField.flag("valid", 0, "invalid: hardware ignores the rest", "valid");
  }

  private static BitField ignored(int high, int low) {
    return new BitField("ignored", high, low, value -> "hardware ignores it");
  }

  private static BitField zero(String name, int high, int low) {
    return new BitField(name, high, low, value -> value == 0 ? "zero" : "should be zero");
  }

  private static BitField mustBeZero(int high, int low) {
    return new BitField(
        "software", high, low, value -> value == 0 ? "zero" : "not one of memdesc's own entries");
  }

  private static String words(Enum<?> type) {
    return type.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
