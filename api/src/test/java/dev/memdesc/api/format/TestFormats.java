package dev.memdesc.api.format;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.SoftEntry;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Formats with 4 KiB frames and 512 items at every level, and levels to be spoiled by tests. */
public final class TestFormats {
  /** Bit 0 is present, bit 7 is large, as in x86. */
  static final dev.memdesc.api.format.Test LARGE = dev.memdesc.api.format.Test.set(0x81);

  private TestFormats() {}

  /** A format of so many levels whose va is sign-extended. */
  public static TableFormat of(String name, int levels) {
    List<LevelLayout> layouts = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      layouts.add(level(level));
    }
    return of(name, new VaRule(12 + 9 * levels, VaRule.Extension.SIGN), layouts);
  }

  static TableFormat of(String name, VaRule va, List<LevelLayout> levels) {
    return new TableFormat(
        name, ByteOrder.LITTLE_ENDIAN, 12, va, 52, levels, Set.of(), new NoCodec());
  }

  /** A level with leaves at levels 0 and 1. */
  static LevelLayout level(int level) {
    int shift = 12 + 9 * level;
    List<Leaf> leaves =
        switch (level) {
          case 0 -> List.of(leaf(shift, dev.memdesc.api.format.Test.set(1)));
          case 1 -> List.of(leaf(shift, LARGE));
          default -> List.of();
        };
    return level("L" + level, shift, 9, Placement.natural(12), leaves, Mirror.NONE);
  }

  static Leaf leaf(int sizeLg2, dev.memdesc.api.format.Test test) {
    return new Leaf(sizeLg2, test, test.value(), PaField.bits(51, sizeLg2));
  }

  static LevelLayout level(
      String name, int shift, int indexBits, Placement table, List<Leaf> leaves, Mirror mirror) {
    return level(name, shift, indexBits, table, 0, leaves, mirror);
  }

  static LevelLayout level(
      String name,
      int shift,
      int indexBits,
      Placement table,
      long emptyItem,
      List<Leaf> leaves,
      Mirror mirror) {
    return new LevelLayout(
        name,
        shift,
        indexBits,
        table,
        new dev.memdesc.api.format.Test(1, 0),
        emptyItem,
        shift == 12 ? dev.memdesc.api.format.Test.NEVER : new dev.memdesc.api.format.Test(0x81, 1),
        PaField.bits(51, 12),
        0x67,
        leaves,
        dev.memdesc.api.format.Test.set(0x20),
        dev.memdesc.api.format.Test.set(0x40),
        mirror);
  }

  private record NoCodec() implements EntryCodec {
    @Override
    public long bits(Attributes attributes, int level, Leaf leaf) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Attributes decode(long item, int level) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long soft(SoftEntry entry, int level) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SoftEntry decodeSoft(long item, int level) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<BitField> picture(long item, int level) {
      throw new UnsupportedOperationException();
    }
  }
}
