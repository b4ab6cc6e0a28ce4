package dev.memdesc.core.fragment;

import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Mirror;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.core.engine.TinyFormat;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Formats with tables of the sizes of real ones; nobody maps anything in them. */
final class ShapedFormats {
  private static final int INVALID_BIT = 10;
  private static final long INVALID = 1L << INVALID_BIT;

  /** 2 KiB tables in 4 KiB frames below tables of 16 KiB. Items in the other byte order. */
  static final TableFormat S390 =
      format(
          "shaped/s390",
          ByteOrder.BIG_ENDIAN,
          12,
          Placement.natural(11),
          Placement.natural(14),
          Placement.natural(14));

  /** 256 B, 4 KiB, 4 KiB and 64 KiB in 64 KiB frames. */
  static final TableFormat RADIX_64K =
      format(
          "shaped/radix-64k",
          ByteOrder.BIG_ENDIAN,
          16,
          Placement.natural(8),
          Placement.natural(12),
          Placement.natural(12),
          Placement.natural(16));

  /** 2 KiB with a shadow of 2 KiB in 64 KiB frames. */
  static final TableFormat HASH_64K =
      format(
          "shaped/hash-64k",
          ByteOrder.BIG_ENDIAN,
          16,
          new Placement(2048, 12, 2048, -1),
          Placement.natural(13),
          Placement.natural(13));

  /** Roots of 32 B below 4 GiB. */
  static final TableFormat PAE =
      format(
          "shaped/pae",
          ByteOrder.LITTLE_ENDIAN,
          12,
          Placement.natural(12),
          Placement.natural(12),
          new Placement(32, 5, 0, 1L << 32));

  /** Two tables of 32 B in a frame of 64 B; the root is a small one. */
  static final TableFormat TINY =
      format("shaped/tiny", ByteOrder.nativeOrder(), 6, Placement.natural(5), Placement.natural(5));

  private ShapedFormats() {}

  private static TableFormat format(
      String name, ByteOrder order, int frameLg2, Placement... placements) {
    List<LevelLayout> levels = new ArrayList<>();
    int shift = frameLg2;
    for (Placement placement : placements) {
      int indexBits = Integer.numberOfTrailingZeros(placement.bytes()) - 3;
      boolean leaf = levels.isEmpty();
      levels.add(
          new LevelLayout(
              "level " + levels.size(),
              shift,
              indexBits,
              placement,
              Test.set(INVALID),
              INVALID,
              leaf ? Test.NEVER : new Test(INVALID, 0),
              PaField.bits(50, Math.max(frameLg2, INVALID_BIT + 1)),
              0,
              leaf
                  ? List.of(
                      new Leaf(
                          shift,
                          new Test(INVALID, 0),
                          0,
                          PaField.bits(50, Math.max(frameLg2, INVALID_BIT + 1))))
                  : List.of(),
              Test.NEVER,
              Test.NEVER,
              Mirror.NONE));
      shift += indexBits;
    }
    return new TableFormat(
        name,
        order,
        frameLg2,
        new VaRule(shift, VaRule.Extension.ZERO),
        50,
        levels,
        Set.of(),
        TinyFormat.FORMAT.codec());
  }
}
