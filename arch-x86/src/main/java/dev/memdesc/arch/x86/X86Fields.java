package dev.memdesc.arch.x86;

import static dev.memdesc.arch.x86.X86Format.FRAME_LG2;
import static dev.memdesc.arch.x86.X86Format.P;
import static dev.memdesc.arch.x86.X86Format.PA_BITS;
import static dev.memdesc.arch.x86.X86Format.PS;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.BitField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * The fields of x86-64 entries in words: Intel SDM volume 3, tables 4-14 to 4-20 (4-level and
 * 5-level paging), for the PT (level 0), PD (1), PDPT (2), PML4 (3) and PML5 (4). The pictures
 * themselves are drawn at {@link X86Format} and, for SOFT entries, at {@link X86Codec}.
 *
 * <p>An INVALID item is shown as what its P and PS say that it is; the field that breaks the rule
 * says so.
 */
final class X86Fields {
  private X86Fields() {}

  /** The fields of an item, from bit 63 to bit 0. */
  static List<BitField> of(long item, int level) {
    if (item == 0) {
      return List.of(BitField.of("-", 63, 1), present());
    }
    if ((item & P) == 0) {
      return soft((item & X86Format.G) != 0);
    }
    boolean isLeaf = level == 0 || (level <= X86Format.HIGHEST_LEAF_LEVEL && (item & PS) != 0);
    return isLeaf ? leaf(item, level) : table(level);
  }

  /** The fields of an item of PAE, from bit 63 to bit 0. */
  static List<BitField> ofPae(long item, int level) {
    if ((item & P) == 0) {
      return of(item, level);
    }
    if (level == PaeCodec.ROOT_LEVEL) {
      return pdpte();
    }
    List<BitField> fields = new ArrayList<>();
    for (BitField field : of(item, level)) {
      if (field.low() < PA_BITS || field.low() == 63) {
        fields.add(field);
      } else if (field.low() == PA_BITS) {
        fields.add(reserved("reserved", 62, PA_BITS));
      }
    }
    return List.copyOf(fields);
  }

  private static List<BitField> pdpte() {
    return List.of(
        reserved("reserved", 63, PA_BITS),
        new BitField(
            "PA",
            PA_BITS - 1,
            FRAME_LG2,
            value -> "the table of level 1 at " + Hex.of(value << FRAME_LG2)),
        ignored(11, 9),
        reserved("reserved", 8, 5),
        BitField.flag("PCD", 4, "the table is read cached", "PAT index + 2 for the table"),
        BitField.flag("PWT", 3, "the table is read cached", "PAT index + 1 for the table"),
        reserved("reserved", 2, 1),
        present());
  }

  private static List<BitField> table(int level) {
    List<BitField> fields = new ArrayList<>();
    fields.add(
        BitField.flag(
            "XD", 63, "fetches allowed as far as the leaf says", "no fetches from all below"));
    fields.add(ignored(62, PA_BITS));
    fields.add(
        new BitField(
            "PA",
            PA_BITS - 1,
            FRAME_LG2,
            value -> "the table of level " + (level - 1) + " at " + Hex.of(value << FRAME_LG2)));
    fields.add(ignored(11, 8));
    fields.add(
        level <= X86Format.HIGHEST_LEAF_LEVEL
            ? BitField.flag("PS", 7, "a table", "a leaf")
            : reserved("PS", 7, 7));
    fields.add(ignored(6, 6));
    fields.add(BitField.flag("A", 5, "not walked yet", "walked"));
    fields.add(BitField.flag("PCD", 4, "the table is read cached", "PAT index + 2 for the table"));
    fields.add(BitField.flag("PWT", 3, "the table is read cached", "PAT index + 1 for the table"));
    fields.add(BitField.flag("U/S", 2, "kernel only", "user as far as the leaf says"));
    fields.add(BitField.flag("R/W", 1, "read only", "writable as far as the leaf says"));
    fields.add(present());
    return List.copyOf(fields);
  }

  private static List<BitField> leaf(long item, int level) {
    int patIndex = X86Codec.patIndex(item, level);
    String type =
        X86Codec.memoryType(item, level).name().toLowerCase(Locale.ROOT).replace('_', ' ')
            + " (PAT index "
            + patIndex
            + ")";
    LongFunction<String> memory = value -> type;
    int shift = X86Format.shift(level);

    List<BitField> fields = new ArrayList<>();
    fields.add(BitField.flag("XD", 63, "fetches allowed", "no fetches"));
    fields.add(new BitField("PKEY", 62, 59, value -> "protection key " + value));
    fields.add(
        new BitField("SW[9:3]", 58, X86Codec.SOFTWARE_HIGH_SHIFT, value -> "left to software"));
    fields.add(
        new BitField(
            "PA",
            PA_BITS - 1,
            shift,
            value -> "the page of " + PageSizes.name(shift) + " at " + Hex.of(value << shift)));
    if (level > 0) {
      fields.add(reserved("reserved", shift - 1, FRAME_LG2 + 1));
      fields.add(new BitField("PAT", FRAME_LG2, FRAME_LG2, memory));
    }
    fields.add(
        new BitField("SW[2:0]", 11, X86Codec.SOFTWARE_LOW_SHIFT, value -> "left to software"));
    fields.add(BitField.flag("G", 8, "this address space", "every address space"));
    fields.add(
        level > 0
            ? BitField.flag("PS", 7, "a table", "a leaf")
            : new BitField("PAT", 7, 7, memory));
    fields.add(BitField.flag("D", 6, "not written", "written"));
    fields.add(BitField.flag("A", 5, "not accessed", "accessed"));
    fields.add(new BitField("PCD", 4, 4, memory));
    fields.add(new BitField("PWT", 3, 3, memory));
    fields.add(BitField.flag("U/S", 2, "kernel only", "user"));
    fields.add(BitField.flag("R/W", 1, "read only", "writable"));
    fields.add(present());
    return List.copyOf(fields);
  }

  private static List<BitField> soft(boolean protNone) {
    return List.of(
        mustBeZero("software", 63, PA_BITS),
        new BitField(
            protNone ? "PA" : "payload",
            PA_BITS - 1,
            FRAME_LG2,
            value ->
                protNone
                    ? "the page at " + Hex.of(value << FRAME_LG2)
                    : "software's number " + Hex.of(value)),
        new BitField(
            "kind", 11, X86Codec.SOFTWARE_LOW_SHIFT, value -> X86Codec.softKind(protNone, value)),
        BitField.flag("PROT_NONE", 8, "no", "there, but not to be accessed"),
        mustBeZero("software", 7, 1),
        present());
  }

  private static BitField present() {
    return BitField.flag("P", 0, "not present: hardware ignores the rest", "present");
  }

  private static BitField ignored(int high, int low) {
    return new BitField("ignored", high, low, value -> "hardware ignores it");
  }

  private static BitField reserved(String name, int high, int low) {
    return new BitField(
        name,
        high,
        low,
        value -> value == 0 ? "must be zero" : "must be zero: hardware reports a fault");
  }

  private static BitField mustBeZero(String name, int high, int low) {
    return new BitField(
        name, high, low, value -> value == 0 ? "zero" : "not one of memdesc's own entries");
  }
}
