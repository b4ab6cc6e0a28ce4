package dev.memdesc.arch.powerpc;

import static dev.memdesc.arch.powerpc.PowerPcFormat.L;
import static dev.memdesc.arch.powerpc.PowerPcFormat.LEAF_PA_LOW;
import static dev.memdesc.arch.powerpc.PowerPcFormat.NLB_HIGH;
import static dev.memdesc.arch.powerpc.PowerPcFormat.NLB_LOW;
import static dev.memdesc.arch.powerpc.PowerPcFormat.PA_BITS;
import static dev.memdesc.arch.powerpc.PowerPcFormat.V;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.SoftLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of POWER's radix entries in words: Power ISA 3.0B, book III, 5.7.10, for the PTE
 * (level 0), PMD (1), PUD (2) and PGD (3). The pictures are drawn at {@link PowerPcFormat}, SOFT
 * entries at {@link PowerPcCodec}.
 */
final class PowerPcFields {
  private static final List<String> STORAGE =
      List.of(
          "normal memory",
          "strong access ordering",
          "non-idempotent I/O: uncached, no fetches",
          "tolerant I/O: uncached");

  private PowerPcFields() {}

  /** The fields of an item, from bit 63 to bit 0. */
  static List<BitField> of(long item, int level, SoftLayout soft, boolean mayBeLeaf) {
    if ((item & V) == 0) {
      return item == 0
          ? List.of(valid(), new BitField("ignored", 62, 0, value -> "hardware ignores it"))
          : soft(item, soft);
    }
    return (item & L) != 0 || level == 0 ? leaf(soft.spanLg2(), mayBeLeaf) : table(level);
  }

  private static List<BitField> leaf(int shift, boolean mayBeLeaf) {
    List<BitField> fields = new ArrayList<>();
    fields.add(valid());
    fields.add(
        BitField.flag(
            "L", 62, "must be set here", mayBeLeaf ? "a leaf" : "must be clear at this level"));
    fields.add(new BitField("SW0", 61, 61, value -> "left to software"));
    fields.add(reserved(60, PA_BITS));
    fields.add(
        new BitField(
            "RPN",
            PA_BITS - 1,
            shift,
            value -> "the page of " + PageSizes.name(shift) + " at " + Hex.of(value << shift)));
    if (shift > LEAF_PA_LOW) {
      fields.add(mustBeZero("RPN", shift - 1, LEAF_PA_LOW));
    }
    fields.add(new BitField("SW1:3", 11, PowerPcCodec.SOFTWARE_SHIFT, value -> "left to software"));
    fields.add(BitField.flag("R", 8, "not referenced", "referenced"));
    fields.add(BitField.flag("C", 7, "not changed", "changed"));
    fields.add(reserved(6, 6));
    fields.add(new BitField("ATT", 5, 4, value -> STORAGE.get((int) value)));
    fields.add(BitField.flag("EAA.P", 3, "problem state too", "privileged only"));
    fields.add(BitField.flag("EAA.R", 2, "loads only as stores", "loads"));
    fields.add(BitField.flag("EAA.W", 1, "no stores", "loads and stores"));
    fields.add(BitField.flag("EAA.X", 0, "no fetches", "fetches"));
    return List.copyOf(fields);
  }

  private static List<BitField> table(int level) {
    return List.of(
        valid(),
        BitField.flag("L", 62, "a table", "a leaf"),
        reserved(61, NLB_HIGH + 1),
        new BitField(
            "NLB",
            NLB_HIGH,
            NLB_LOW,
            value -> "the table of level " + (level - 1) + " at " + Hex.of(value << NLB_LOW)),
        mustBeZero("reserved", 7, 5),
        new BitField("NLS", 4, 0, value -> "it has 2^" + value + " items"));
  }

  private static List<BitField> soft(long item, SoftLayout soft) {
    int code = (int) (item >>> soft.codeShift() & 3);
    boolean isPa = soft.kinds().get(code) == SoftEntry.Kind.PROT_NONE;
    return List.of(
        valid(),
        BitField.flag("L", 62, "not one of memdesc's own entries", "in use by software"),
        notOurs(61, PA_BITS),
        new BitField(
            isPa ? "PA" : "payload",
            PA_BITS - 1,
            LEAF_PA_LOW,
            value ->
                isPa
                    ? "the page at " + Hex.of(value << LEAF_PA_LOW)
                    : "software's number " + Hex.of(value)),
        notOurs(11, 11),
        new BitField("kind", 10, 9, soft::meaning),
        notOurs(8, 0));
  }

  private static BitField valid() {
    return BitField.flag("V", 63, "invalid: hardware ignores the rest", "valid");
  }

  private static BitField reserved(int high, int low) {
    return new BitField("reserved", high, low, value -> "should be zero");
  }

  private static BitField mustBeZero(String name, int high, int low) {
    return new BitField(
        name, high, low, value -> value == 0 ? "must be zero" : "must be zero: it is not");
  }

  private static BitField notOurs(int high, int low) {
    return new BitField(
        "software", high, low, value -> value == 0 ? "zero" : "not one of memdesc's own entries");
  }
}
