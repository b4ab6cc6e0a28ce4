package dev.memdesc.core;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Mirror;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.api.format.VaRule;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;

/**
 * The geometry of Armv7's short descriptors: items of 4 bytes, a root of 16 KiB, tables of 1 KiB,
 * and large leaves that are sixteen items alike.
 */
public final class ShortFormats {
  private static final long LARGE = 1;
  private static final long SMALL = 2;
  private static final long SECTION = 2;
  private static final long TABLE = 1;
  private static final long SUPERSECTION = 1 << 18;
  private static final long READ_ONLY_PAGE = 1 << 9;
  private static final long READ_ONLY_SECTION = 1 << 15;

  private ShortFormats() {}

  /** The format. */
  public static TableFormat format() {
    return new TableFormat(
        "tiny/short",
        ByteOrder.LITTLE_ENDIAN,
        12,
        new VaRule(32, VaRule.Extension.ZERO),
        32,
        List.of(pages(), sections()),
        Set.of(),
        new Codec());
  }

  private static LevelLayout pages() {
    return new LevelLayout(
        "L2",
        12,
        8,
        Placement.natural(10),
        new Test(3, 0),
        0,
        Test.NEVER,
        PaField.NONE,
        0,
        List.of(
            new Leaf(12, new Test(SMALL, SMALL), SMALL, PaField.bits(31, 12)),
            new Leaf(16, 4, 0, new Test(3, LARGE), LARGE, PaField.bits(31, 16))),
        Test.NEVER,
        Test.NEVER,
        Mirror.NONE);
  }

  private static LevelLayout sections() {
    return new LevelLayout(
        "L1",
        20,
        12,
        Placement.natural(14),
        new Test(3, 0),
        0,
        new Test(3, TABLE),
        PaField.bits(31, 10),
        TABLE,
        List.of(
            new Leaf(20, new Test(3 | SUPERSECTION, SECTION), SECTION, PaField.bits(31, 20)),
            new Leaf(
                24,
                4,
                0,
                new Test(3 | SUPERSECTION, SECTION | SUPERSECTION),
                SECTION | SUPERSECTION,
                PaField.bits(31, 24))),
        Test.NEVER,
        Test.NEVER,
        Mirror.NONE);
  }

  /** READ, and WRITE where bit AP[2] is clear. */
  private record Codec() implements EntryCodec {
    private static long readOnly(int level) {
      return level == 0 ? READ_ONLY_PAGE : READ_ONLY_SECTION;
    }

    @Override
    public long bits(Attributes attributes, int level, Leaf leaf) {
      return attributes.has(Access.WRITE) ? 0 : readOnly(level);
    }

    @Override
    public Attributes decode(long item, int level) {
      Attributes read = Attributes.of(Access.READ);
      return (item & readOnly(level)) != 0 ? read : read.with(Access.WRITE);
    }

    @Override
    public long soft(SoftEntry entry, int level) {
      return entry.payload() << 2;
    }

    @Override
    public SoftEntry decodeSoft(long item, int level) {
      return new SoftEntry(SoftEntry.Kind.SWAP, item >>> 2);
    }

    @Override
    public List<BitField> picture(long item, int level) {
      return List.of(BitField.of("item", 31, 0));
    }
  }
}
