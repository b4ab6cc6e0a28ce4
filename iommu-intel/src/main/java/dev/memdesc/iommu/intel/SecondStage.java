package dev.memdesc.iommu.intel;

import dev.memdesc.api.format.Capability;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Mirror;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.api.format.VaRule;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Second-stage tables: VT-d 3.7 "Second-Stage Translation", 9.8 "Second-Stage Paging Entries". The
 * manual's SS-PT is level 0, SS-PD level 1, SS-PDP level 2, SS-PML4 level 3 and SS-PML5 level 4. A
 * domain of 39 bits begins at the SS-PDP, one of 48 at the SS-PML4.
 *
 * <p>An entry that points to a table, and the leaves of 4 KiB (level 0), 2 MiB (level 1) and 1 GiB
 * (level 2):
 *
 * <pre>
 *         63 62 61       52 51             30 29  21 20 12 11  10  9   8   7  6   3   2   1   0
 *        +--+--+-----------+-----------------+------+-----+---+---+---+---+---+-----+---+---+---+
 *  table |- |0 |     -     |      pa of the table         | 0 | - | - | A | 0 |  -  | 0 | W | R |
 *  4K    |- |0 |    SW     |      pa of the page          |SNP| - | D | A | - |  -  | 0 | W | R |
 *  2M    |- |0 |    SW     |      pa                |  0  |SNP| - | D | A | 1 |  -  | 0 | W | R |
 *  1G    |- |0 |    SW     |      pa         |     0      |SNP| - | D | A | 1 |  -  | 0 | W | R |
 *        +--+--+-----------+-----------------+------+-----+---+---+---+---+---+-----+---+---+---+
 * </pre>
 *
 * <p>A bit drawn 0 is reserved: an item that is present (R or W) and sets it is INVALID. X, bit 2,
 * makes an item present too where the unit checks execution, which is not offered here; such an
 * item is INVALID. So is one that leads to a table and lacks R: below it there could be leaves that
 * can only be written, which nobody makes. The pa has 52 bits, its maximum; a unit of fewer reports
 * those above its own. A and D are set by units that offer it (SSADE).
 *
 * <p>SOFT entries, where software alone says what the bits mean, have TM so that they differ from
 * everything else:
 *
 * <pre>
 *         63 62 61    52 51                       12 11   5 4  3 2     0
 *        +--+--+--------+---------------------------+------+----+-------+
 *  SOFT  |0 |1 |   0    |   pa (PROT_NONE), payload |  0   |code|   0   |
 *        +--+--+--------+---------------------------+------+----+-------+
 *   code: 0 PROT_NONE, 1 SWAP, 2 MIGRATION, 3 GUARD
 * </pre>
 */
final class SecondStage {
  static final long R = 1L;
  static final long W = 1L << 1;
  static final long X = 1L << 2;

  /** Page size: above level 0, tells a leaf from a table. */
  static final long PS = 1L << 7;

  static final long A = 1L << 8;
  static final long D = 1L << 9;

  /** Snoop: the processors' caches are looked at, whatever the request says. */
  static final long SNP = 1L << 11;

  /** Transient mapping, a hint for devices that cache translations; not offered here. */
  static final long TM = 1L << 62;

  static final int PA_BITS = 52;
  static final int FRAME_LG2 = 12;
  static final int INDEX_BITS = 9;

  /** The highest level with leaves. */
  static final int HIGHEST_LEAF_LEVEL = 2;

  private static final List<String> MANUAL_NAMES =
      List.of("SS-PT", "SS-PD", "SS-PDP", "SS-PML4", "SS-PML5");

  private static final Placement TABLE = Placement.natural(FRAME_LG2);

  private SecondStage() {}

  /** log2 of the bytes that an item of a level spans. */
  static int shift(int level) {
    return FRAME_LG2 + level * INDEX_BITS;
  }

  /**
   * A format.
   *
   * @param vaBits 39, 48 or 57
   * @param leafLevels how many levels have leaves, 1..3: the unit's page sizes
   * @param snoop whether leaves may have SNP
   */
  static TableFormat format(String name, int vaBits, int leafLevels, boolean snoop) {
    List<LevelLayout> levels = new ArrayList<>();
    for (int level = 0; shift(level) < vaBits; level++) {
      levels.add(layout(level, leafLevels, snoop));
    }
    return new TableFormat(
        name,
        ByteOrder.LITTLE_ENDIAN,
        FRAME_LG2,
        new VaRule(vaBits, VaRule.Extension.ZERO),
        PA_BITS,
        levels,
        Set.of(Capability.HARDWARE_ACCESSED_DIRTY),
        snoop ? SecondStageCodec.SNOOPING : SecondStageCodec.PLAIN);
  }

  private static LevelLayout layout(int level, int leafLevels, boolean snoop) {
    return new LevelLayout(
        MANUAL_NAMES.get(level),
        shift(level),
        INDEX_BITS,
        TABLE,
        new Test(R | W | X, 0),
        0,
        level == 0 ? Test.NEVER : new Test(R | PS | SNP | X | TM, R),
        level == 0 ? PaField.NONE : PaField.bits(PA_BITS - 1, FRAME_LG2),
        level == 0 ? 0 : R | W,
        level < leafLevels ? List.of(leaf(level, snoop)) : List.of(),
        Test.set(A),
        Test.set(D),
        Mirror.NONE);
  }

  private static Leaf leaf(int level, boolean snoop) {
    long constant = level == 0 ? 0 : PS;
    long reserved = X | TM | (snoop ? 0 : SNP) | belowPa(level);
    return new Leaf(
        shift(level),
        new Test(constant | reserved, constant),
        constant,
        PaField.bits(PA_BITS - 1, shift(level)));
  }

  /** Bits of a large leaf between its flags and its pa, which must be zero; none at level 0. */
  private static long belowPa(int level) {
    return (1L << shift(level)) - (1L << FRAME_LG2);
  }
}
