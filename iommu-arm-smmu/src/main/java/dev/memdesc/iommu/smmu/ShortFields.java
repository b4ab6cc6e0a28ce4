package dev.memdesc.iommu.smmu;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.BitField;
import java.util.ArrayList;
import java.util.List;

/** The fields of Armv7 short descriptors in words; the pictures are at {@link ShortFormat}. */
final class ShortFields {
  private static final int TYPE = 3;
  private static final int TYPE_TABLE = 1;

  private ShortFields() {}

  /** The fields of an item, from bit 31 to bit 0. */
  static List<BitField> of(long item, int level) {
    int type = (int) item & TYPE;
    if (type == 0) {
      return List.of(
          BitField.of("software", 31, 2),
          new BitField("type", 1, 0, value -> "invalid: hardware ignores the rest"));
    }
    if (level == 0) {
      return type == 1 ? largePage() : smallPage();
    }
    return type == TYPE_TABLE ? table() : section((item & ShortFormat.SUPERSECTION) != 0);
  }

  private static List<BitField> table() {
    return List.of(
        new BitField("PA[31:10]", 31, 10, value -> "the table at " + Hex.of(value << 10)),
        BitField.of("-", 9, 9),
        BitField.of("domain", 8, 5),
        BitField.of("-", 4, 4),
        BitField.flag("NS", 3, "secure", "non-secure"),
        BitField.of("-", 2, 2),
        type("a table"));
  }

  private static List<BitField> section(boolean large) {
    List<BitField> fields = new ArrayList<>();
    int low = large ? 24 : 20;
    fields.add(pa(low));
    if (large) {
      fields.add(BitField.of("PA[35:32]", 23, 20));
    }
    fields.add(BitField.flag("NS", 19, "secure", "non-secure"));
    fields.add(BitField.flag("super", 18, "1 MiB", "16 MiB, sixteen items alike"));
    fields.add(notGlobal(17));
    fields.add(shareable(16));
    fields.add(readOnly(15));
    fields.add(BitField.of("TEX", 14, 12));
    fields.add(unprivileged(11));
    fields.add(accessed(10));
    fields.add(BitField.of("-", 9, 9));
    fields.add(BitField.of(large ? "PA[39:36]" : "domain", 8, 5));
    fields.add(never(4));
    fields.add(BitField.of("C", 3, 3));
    fields.add(BitField.of("B", 2, 2));
    fields.add(type("a section"));
    return fields;
  }

  private static List<BitField> largePage() {
    return List.of(
        pa(16),
        never(15),
        BitField.of("TEX", 14, 12),
        notGlobal(11),
        shareable(10),
        readOnly(9),
        BitField.of("-", 8, 6),
        unprivileged(5),
        accessed(4),
        BitField.of("C", 3, 3),
        BitField.of("B", 2, 2),
        type("a large page, sixteen items alike"));
  }

  private static List<BitField> smallPage() {
    return List.of(
        pa(12),
        notGlobal(11),
        shareable(10),
        readOnly(9),
        BitField.of("TEX", 8, 6),
        unprivileged(5),
        accessed(4),
        BitField.of("C", 3, 3),
        BitField.of("B", 2, 2),
        BitField.flag("type", 1, "no small page", "a small page"),
        never(0));
  }

  private static BitField pa(int low) {
    return new BitField(
        "PA[31:" + low + "]",
        31,
        low,
        value -> "the page of " + PageSizes.name(low) + " at " + Hex.of(value << low));
  }

  private static BitField type(String what) {
    return new BitField("type", 1, 0, value -> what);
  }

  private static BitField notGlobal(int bit) {
    return BitField.flag("nG", bit, "every address space", "this address space");
  }

  private static BitField shareable(int bit) {
    return BitField.flag("S", bit, "not shareable", "shareable");
  }

  private static BitField readOnly(int bit) {
    return BitField.flag("AP[2]", bit, "writable", "read only");
  }

  private static BitField unprivileged(int bit) {
    return BitField.flag("AP[1]", bit, "privileged only", "unprivileged too");
  }

  private static BitField accessed(int bit) {
    return BitField.flag("AF", bit, "not accessed: the first access faults", "accessed");
  }

  private static BitField never(int bit) {
    return BitField.flag("XN", bit, "fetches allowed", "no fetches");
  }
}
