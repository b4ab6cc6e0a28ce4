package dev.memdesc.arch.s390;

import static dev.memdesc.arch.s390.S390Format.FC;
import static dev.memdesc.arch.s390.S390Format.FRAME_LG2;
import static dev.memdesc.arch.s390.S390Format.HIGHEST_LEAF_LEVEL;
import static dev.memdesc.arch.s390.S390Format.SEGMENT_LEVEL;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of s390x entries in words: Principles of Operation, chapter 3 "Region-table entries",
 * "Segment-table entries" and "Page-table entries", for the page table (level 0), the segment table
 * (1) and the region-third (2), -second (3) and -first table (4). The pictures are drawn at {@link
 * S390Format}, SOFT entries at {@link S390Codec}, Linux's bits at {@link S390LinuxCodec}.
 */
final class S390Fields {
  private static final String SOFTWARE = "left to software";

  private S390Fields() {}

  /** The fields of an item, from bit 63 to bit 0. */
  static List<BitField> of(long item, int level, boolean linux) {
    long present = linux ? S390LinuxCodec.leafConstant(level) : 0;
    boolean linuxLeaf = linux && (item & present) == present;
    boolean invalid = (item & S390Format.invalid(level)) != 0;
    boolean formatOne = level <= HIGHEST_LEAF_LEVEL && (item & FC) != 0;
    if (level == 0) {
      return invalid && !linuxLeaf ? unused(item, level) : page(linux);
    }
    if (formatOne && (linuxLeaf || !invalid)) {
      return large(item, level, linux);
    }
    return invalid ? unused(item, level) : level == SEGMENT_LEVEL ? segment(linux) : region(level);
  }

  private static List<BitField> page(boolean linux) {
    List<BitField> fields = new ArrayList<>();
    fields.add(frame(0));
    fields.add(
        BitField.flag(
            "reserved",
            11,
            "must be zero",
            "must be zero: hardware reports a specification error"));
    fields.add(invalid(10));
    fields.add(protection());
    fields.add(executionProtection());
    if (linux) {
      fields.add(software("unused", 7));
      fields.add(software("special", 6));
      fields.add(BitField.flag("WRITE", 5, "stores not allowed", "stores allowed once dirty"));
      fields.add(BitField.flag("READ", 4, "no access", "loads allowed once young"));
      fields.add(BitField.flag("DIRTY", 3, "not written", "written"));
      fields.add(BitField.flag("YOUNG", 2, "not accessed", "accessed"));
      fields.add(software("soft-dirty", 1));
      fields.add(BitField.flag("PRESENT", 0, "no page", "a page"));
    } else {
      fields.add(new BitField("SW", 7, 0, value -> SOFTWARE));
    }
    return List.copyOf(fields);
  }

  private static List<BitField> large(long item, int level, boolean linux) {
    int shift = S390Format.shift(level);
    boolean valid = (item & S390Format.AV) != 0;
    List<BitField> fields = new ArrayList<>();
    fields.add(frame(level));
    fields.add(zero(shift - 1, 17));
    fields.add(BitField.flag("AV", 16, "the storage keys of the frames count", "ACC and F count"));
    if (linux) {
      fields.add(BitField.flag("WRITE", 15, "stores not allowed", "stores allowed once dirty"));
      fields.add(BitField.flag("READ", 14, "no access", "loads allowed once young"));
      fields.add(BitField.flag("DIRTY", 13, "not written", "written"));
      fields.add(BitField.flag("YOUNG", 12, "not accessed", "accessed"));
    } else {
      fields.add(
          new BitField("ACC", 15, 12, key -> valid ? "access-control key " + key : SOFTWARE));
    }
    fields.add(
        new BitField(
            "F", 11, 11, f -> !valid ? SOFTWARE : f == 0 ? "stores need the key" : "loads too"));
    fields.add(BitField.flag("FC", 10, "a table", "a frame"));
    fields.add(protection());
    fields.add(executionProtection());
    fields.add(zero(7, 6));
    fields.add(invalid(5));
    fields.add(common(level));
    fields.add(tableType(level));
    if (linux) {
      fields.add(software("soft-dirty", 1));
      fields.add(BitField.flag("PRESENT", 0, "no frame", "a frame"));
    } else {
      fields.add(new BitField("SW", 1, 0, value -> SOFTWARE));
    }
    return List.copyOf(fields);
  }

  private static List<BitField> segment(boolean linux) {
    List<BitField> fields = new ArrayList<>();
    fields.add(new BitField("PTO", 63, 11, value -> "the page table at " + Hex.of(value << 11)));
    fields.add(BitField.flag("FC", 10, "a table", "a frame"));
    fields.add(protection());
    fields.add(zero(8, 6));
    fields.add(invalid(5));
    fields.add(common(SEGMENT_LEVEL));
    fields.add(tableType(SEGMENT_LEVEL));
    if (linux) {
      fields.add(software("SW", 1));
      fields.add(BitField.flag("PRESENT", 0, "not Linux's", "a page table"));
    } else {
      fields.add(new BitField("SW", 1, 0, value -> SOFTWARE));
    }
    return List.copyOf(fields);
  }

  private static List<BitField> region(int level) {
    List<BitField> fields = new ArrayList<>();
    fields.add(
        new BitField(
            level == HIGHEST_LEAF_LEVEL ? "STO" : "RTO",
            63,
            FRAME_LG2,
            value -> "the table of level " + (level - 1) + " at " + Hex.of(value << FRAME_LG2)));
    if (level == HIGHEST_LEAF_LEVEL) {
      fields.add(zero(11, 11));
      fields.add(BitField.flag("FC", 10, "a table", "a frame"));
    } else {
      fields.add(zero(11, 10));
    }
    fields.add(protection());
    fields.add(zero(8, 8));
    fields.add(
        new BitField(
            "TF", 7, 6, value -> value == 0 ? "begins with its first page" : "lacks " + value));
    fields.add(invalid(5));
    fields.add(level == HIGHEST_LEAF_LEVEL ? common(level) : zero(4, 4));
    fields.add(tableType(level));
    fields.add(
        new BitField(
            "TL", 1, 0, value -> value == 3 ? "whole: 4 pages" : "ends with page " + (value + 1)));
    return List.copyOf(fields);
  }

  /** An item that is invalid: EMPTY, or SOFT. */
  private static List<BitField> unused(long item, int level) {
    boolean isEmpty = item == (S390Format.invalid(level) | S390Format.tableType(level));
    int code = (int) item & 3;
    List<BitField> fields = new ArrayList<>();
    if (isEmpty) {
      fields.add(ignored(63, level == 0 ? 11 : 6));
      fields.add(invalid(level == 0 ? 10 : 5));
      if (level > 0) {
        fields.add(ignored(4, 4));
        fields.add(tableType(level));
      }
      fields.add(ignored(level == 0 ? 9 : 1, 0));
      return List.copyOf(fields);
    }
    boolean isPa = S390Codec.soft(level).kinds().get(code) == SoftEntry.Kind.PROT_NONE;
    fields.add(
        new BitField(
            isPa ? "PA" : "payload",
            63,
            FRAME_LG2,
            value ->
                isPa
                    ? "the page at " + Hex.of(value << FRAME_LG2)
                    : "software's number " + Hex.of(value)));
    if (level == 0) {
      fields.add(notOurs(11, 11));
      fields.add(invalid(10));
    } else {
      fields.add(notOurs(11, 10));
    }
    fields.add(BitField.flag("P", 9, "not one of memdesc's own entries", "in use by software"));
    if (level == 0) {
      fields.add(notOurs(8, 2));
    } else {
      fields.add(notOurs(8, 6));
      fields.add(invalid(5));
      fields.add(notOurs(4, 4));
      fields.add(tableType(level));
    }
    fields.add(new BitField("kind", 1, 0, S390Codec.soft(level)::meaning));
    return List.copyOf(fields);
  }

  private static BitField frame(int level) {
    int shift = S390Format.shift(level);
    String size = PageSizes.name(shift);
    return new BitField(
        level == 0 ? "PFRA" : level == SEGMENT_LEVEL ? "SFAA" : "RFAA",
        63,
        shift,
        value -> "the page of " + size + " at " + Hex.of(value << shift));
  }

  private static BitField invalid(int bit) {
    return BitField.flag("I", bit, "valid", "invalid: hardware ignores the rest");
  }

  private static BitField protection() {
    return BitField.flag("P", 9, "stores allowed", "no stores");
  }

  private static BitField executionProtection() {
    return BitField.flag("IEP", 8, "fetches allowed", "no fetches");
  }

  private static BitField common(int level) {
    return BitField.flag(
        level == SEGMENT_LEVEL ? "CS" : "CR", 4, "this address space", "every address space");
  }

  private static BitField tableType(int level) {
    long expected = S390Format.tableType(level) >>> 2;
    String table = level == SEGMENT_LEVEL ? "segment table" : "region table " + expected;
    return new BitField(
        "TT",
        3,
        2,
        value -> value == expected ? table : "must be " + expected + ": hardware reports an error");
  }

  private static BitField software(String name, int bit) {
    return new BitField(name, bit, bit, value -> SOFTWARE);
  }

  private static BitField zero(int high, int low) {
    return new BitField("reserved", high, low, value -> "should be zero");
  }

  private static BitField ignored(int high, int low) {
    return new BitField("ignored", high, low, value -> "hardware ignores it");
  }

  private static BitField notOurs(int high, int low) {
    return new BitField(
        "software", high, low, value -> value == 0 ? "zero" : "not one of memdesc's own entries");
  }
}
