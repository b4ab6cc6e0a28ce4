package dev.memdesc.bench.formats;

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
 * Two levels, of which level 0 has tables that share pages. EMPTY is not zero, as on s390, so that
 * who forgets to fill a table is found out.
 */
public final class SharedPageFormat {
  private static final int PA_BITS = 52;
  // Above every pa: a table of 256 bytes has pa bits from 8 on.
  private static final long INVALID = 1L << 62;
  private static final long TABLE = 1L << 1;
  private static final long VALID = 1;
  private static final int ROOT_INDEX_BITS = 9;

  private SharedPageFormat() {}

  /**
   * A format.
   *
   * @param fragments tables of level 0 that fill a page, a power of two
   * @param tableBytes bytes of one, a power of two
   */
  public static TableFormat of(int fragments, int tableBytes) {
    int frameLg2 = Integer.numberOfTrailingZeros(fragments * tableBytes);
    int indexBits = Integer.numberOfTrailingZeros(tableBytes / TableFormat.ITEM_BYTES);
    LevelLayout leaves =
        new LevelLayout(
            "L0",
            frameLg2,
            indexBits,
            Placement.natural(indexBits + 3),
            Test.set(INVALID),
            INVALID,
            Test.NEVER,
            PaField.NONE,
            0,
            List.of(
                new Leaf(
                    frameLg2,
                    new Test(INVALID | VALID, VALID),
                    VALID,
                    PaField.bits(PA_BITS - 1, frameLg2))),
            Test.NEVER,
            Test.NEVER,
            Mirror.NONE);
    LevelLayout root =
        new LevelLayout(
            "L1",
            leaves.spanLg2(),
            ROOT_INDEX_BITS,
            Placement.natural(ROOT_INDEX_BITS + 3),
            Test.set(INVALID),
            INVALID,
            new Test(INVALID | TABLE, TABLE),
            PaField.bits(PA_BITS - 1, indexBits + 3),
            TABLE,
            List.of(),
            Test.NEVER,
            Test.NEVER,
            Mirror.NONE);
    return new TableFormat(
        BenchBackend.NAME + "/" + fragments + "-a-page",
        ByteOrder.LITTLE_ENDIAN,
        frameLg2,
        new VaRule(root.spanLg2(), VaRule.Extension.ZERO),
        PA_BITS,
        List.of(leaves, root),
        Set.of(),
        new PlainCodec(0, 1L << 3, 1L << 4));
  }
}
