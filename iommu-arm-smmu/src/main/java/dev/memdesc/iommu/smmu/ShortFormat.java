package dev.memdesc.iommu.smmu;

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
 * Armv7 short descriptors: Arm ARM (Armv7) B3.5. Items of 4 bytes, a root of 16 KiB, tables of 1
 * KiB. SMMUv1 and v2 and many smaller units walk them; SMMUv3 does not, so no unit of this backend
 * offers the format: it is here for what its tables cost.
 *
 * <pre>
 *                 31            20 19 18  17 16 15 14 12 11  10 9  8    5  4  3 2 1 0
 *                +----------------+--+---+--+--+---+----+------+--+------+--+-+-+---+
 *  table         |  pa 31:10                             :     |0 |domain| 0|NS|0|01 |
 *  section       |  pa 31:20      |NS| 0 |nG|S |AP2|TEX |AP1:0 |0 |domain|XN|C|B|1 0|
 *  supersection  |  pa 31:24, 0   |NS| 1 |nG|S |AP2|TEX |AP1:0 |0 |  0   |XN|C|B|1 0|
 *                +----------------+--+---+--+--+---+----+------+--+------+--+-+-+---+
 *                 31               16 15 14  12 11 10  9  8  6 5  4  3 2  1 0
 *                +-------------------+--+------+--+--+---+----+------+-+-+----+
 *  large page    |  pa 31:16         |XN|TEX   |nG|S |AP2| 0  |AP1:0 |C|B| 01 |
 *  small page    |  pa 31:12                   |nG|S |AP2|TEX |AP1:0 |C|B|1 XN|
 *                +-----------------------------+--+--+---+----+------+-+-+----+
 * </pre>
 *
 * <p>A supersection and a large page are sixteen items alike.
 */
final class ShortFormat {
  /** log2 of the bytes of a section. */
  static final int SECTION_LG2 = 20;

  /** Bit 18: a section of 16 MiB. */
  static final long SUPERSECTION = 1 << 18;

  private static final long TYPE = 3;
  private static final long TYPE_TABLE = 1;
  private static final long TYPE_LARGE = 1;
  private static final long TYPE_SMALL = 2;
  private static final long TYPE_SECTION = 2;
  private static final int SIXTEEN_LG2 = 4;
  private static final int BITS = 32;

  /** TEX, C, B, S, nG of every kind of leaf: memory type and size change by way of EMPTY. */
  private static final long BREAK_BITS = 3 << 2 | 7 << 6 | 3 << 10 | 7 << 12 | 3 << 16;

  private ShortFormat() {}

  static TableFormat of(String name) {
    return new TableFormat(
        name,
        ByteOrder.LITTLE_ENDIAN,
        12,
        new VaRule(BITS, VaRule.Extension.ZERO),
        BITS,
        List.of(pages(), sections()),
        Set.of(),
        new ShortCodec(),
        BREAK_BITS,
        null);
  }

  private static LevelLayout pages() {
    return new LevelLayout(
        "L2",
        12,
        8,
        Placement.natural(10),
        new Test(TYPE, 0),
        0,
        Test.NEVER,
        PaField.NONE,
        0,
        List.of(
            new Leaf(12, new Test(TYPE_SMALL, TYPE_SMALL), TYPE_SMALL, PaField.bits(31, 12)),
            new Leaf(
                16, SIXTEEN_LG2, 0, new Test(TYPE, TYPE_LARGE), TYPE_LARGE, PaField.bits(31, 16))),
        Test.set(ShortCodec.Place.SMALL.af()),
        Test.NEVER,
        Mirror.NONE);
  }

  private static LevelLayout sections() {
    long large = TYPE_SECTION | SUPERSECTION;
    return new LevelLayout(
        "L1",
        SECTION_LG2,
        12,
        Placement.natural(14),
        new Test(TYPE, 0),
        0,
        new Test(TYPE, TYPE_TABLE),
        PaField.bits(31, 10),
        TYPE_TABLE,
        List.of(
            new Leaf(
                SECTION_LG2,
                new Test(TYPE | SUPERSECTION, TYPE_SECTION),
                TYPE_SECTION,
                PaField.bits(31, SECTION_LG2)),
            new Leaf(
                24,
                SIXTEEN_LG2,
                0,
                new Test(TYPE | SUPERSECTION, large),
                large,
                PaField.bits(31, 24))),
        Test.set(ShortCodec.Place.SECTION.af()),
        Test.NEVER,
        Mirror.NONE);
  }
}
