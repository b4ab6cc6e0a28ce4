package dev.memdesc.arch.x86;

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
 * The page tables of x86-64: Intel SDM volume 3, chapter 4.5 "4-level paging and 5-level paging".
 * Its PT is level 0, PD level 1, PDPT (page-directory-pointer table) level 2, PML4 level 3 and PML5
 * level 4.
 *
 * <p>An entry that points to a table, and the leaves of 4 KiB (level 0), 2 MiB (level 1) and 1 GiB
 * (level 2). M, the width of a pa, is taken as 52, its maximum: bits that a smaller processor
 * reserves belong to the pa here.
 *
 * <pre>
 *         63 62  59 58     52 51         30 29   21 20 13 12  11 9  8   7   6   5   4   3   2   1   0
 *        +--+------+---------+-------------+-------+-----+---+----+---+---+---+---+---+---+---+---+---+
 *  table |XD|  -   |    -    |         pa of the table       |  - | - | 0 | - | A |PCD|PWT|U/S|R/W| P |
 *  4K    |XD| PKEY | SW 9:3  |         pa of the page        |SW20| G |PAT| D | A |PCD|PWT|U/S|R/W| P |
 *  2M    |XD| PKEY | SW 9:3  |         pa          |  0  |PAT|SW20| G | 1 | D | A |PCD|PWT|U/S|R/W| P |
 *  1G    |XD| PKEY | SW 9:3  |     pa      |       0     |PAT|SW20| G | 1 | D | A |PCD|PWT|U/S|R/W| P |
 *        +--+------+---------+-------------+-------+-----+---+----+---+---+---+---+---+---+---+---+---+
 * </pre>
 *
 * <p>A bit drawn 0 is reserved: an item with P that sets it is INVALID, as hardware would report
 * it. A bit drawn - is ignored. SW are the ten bits of {@code Attributes.software()}.
 *
 * <p>PAE (4.4 "PAE paging") has the same PT and PD, with bits 62:52 of their entries reserved, and
 * a PDPT of four entries without rights, which the processor reads when CR3 is loaded:
 *
 * <pre>
 *         63      52 51                       12 11   9 8     5   4   3  2   1   0
 *        +----------+---------------------------+------+-------+---+---+-------+---+
 *  PDPTE |    0     |      pa of the PD         |  -   |   0   |PCD|PWT|   0   | P |
 *        +----------+---------------------------+------+-------+---+---+-------+---+
 * </pre>
 */
final class X86Format {
  /** Present: hardware ignores every other bit of an item without it. */
  static final long P = 1L;

  static final long RW = 1L << 1;
  static final long US = 1L << 2;
  static final long PWT = 1L << 3;
  static final long PCD = 1L << 4;
  static final long A = 1L << 5;
  static final long D = 1L << 6;

  /** Page size: above level 0, tells a leaf from a table. */
  static final long PS = 1L << 7;

  /** The third bit of the memory type where bit 7 is not {@link #PS}. */
  static final long PAT_4K = 1L << 7;

  static final long G = 1L << 8;

  /** The third bit of the memory type of a leaf with {@link #PS}. */
  static final long PAT_LARGE = 1L << 12;

  static final long XD = 1L << 63;

  static final int PA_BITS = 52;
  static final int FRAME_LG2 = 12;
  static final int INDEX_BITS = 9;

  /** Bytes of a table. */
  static final int TABLE_BYTES = 1 << FRAME_LG2;

  /** The highest level with leaves. */
  static final int HIGHEST_LEAF_LEVEL = 2;

  private static final List<String> MANUAL_NAMES = List.of("PT", "PD", "PDPT", "PML4", "PML5");

  /** Rights are the AND over all levels, so a table allows all and the leaf decides. */
  private static final long TABLE_CONSTANT = P | RW | US;

  /** Items of the root that translate user addresses: the lower half. */
  private static final int USER_ITEMS = 1 << (INDEX_BITS - 1);

  private static final Placement TABLE = Placement.natural(FRAME_LG2);

  /** The kernel's root, and the user's directly behind it, so that one bit of CR3 tells them. */
  private static final Placement ROOT_PAIR =
      new Placement(TABLE_BYTES, FRAME_LG2 + 1, TABLE_BYTES, -1L);

  /** Bits 62:52, which long mode ignores or leaves to software. */
  static final long PAE_RESERVED = ~XD & -1L << PA_BITS;

  /** Bits that a PDPTE of PAE must not set: 63:52, 8:5 and 2:1. */
  static final long PDPTE_RESERVED = XD | PAE_RESERVED | 0x1E0 | RW | US;

  private static final int PDPT_INDEX_BITS = 2;

  /** CR3 has 32 bits, of which 31:5 are the root's pa. */
  private static final Placement PAE_ROOT = new Placement(32, 5, 0, 1L << 32);

  /**
   * The formats, the default first. With page-table isolation (PTI), the kernel's copy of a user
   * entry is not executable, so that a kernel that forgot to switch roots faults on its way out.
   */
  static final List<TableFormat> VARIANTS =
      List.of(
          format("x86/4-level", 4, TABLE, Mirror.NONE),
          format("x86/5-level", 5, TABLE, Mirror.NONE),
          format("x86/4-level-pti", 4, ROOT_PAIR, new Mirror(USER_ITEMS, XD)),
          format("x86/5-level-pti", 5, ROOT_PAIR, new Mirror(USER_ITEMS, XD)),
          pae());

  private X86Format() {}

  /** log2 of the bytes that an item of a level spans. */
  static int shift(int level) {
    return FRAME_LG2 + level * INDEX_BITS;
  }

  private static TableFormat format(String name, int levels, Placement root, Mirror mirror) {
    List<LevelLayout> layouts = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      boolean isRoot = level == levels - 1;
      layouts.add(layout(level, isRoot ? root : TABLE, isRoot ? mirror : Mirror.NONE));
    }
    return new TableFormat(
        name,
        ByteOrder.LITTLE_ENDIAN,
        FRAME_LG2,
        new VaRule(shift(levels), VaRule.Extension.SIGN),
        PA_BITS,
        layouts,
        Set.of(Capability.HARDWARE_ACCESSED_DIRTY),
        X86Codec.CODEC);
  }

  private static TableFormat pae() {
    LevelLayout root =
        new LevelLayout(
            MANUAL_NAMES.get(2),
            shift(2),
            PDPT_INDEX_BITS,
            PAE_ROOT,
            new Test(P, 0),
            0,
            new Test(P | PDPTE_RESERVED, P),
            PaField.bits(PA_BITS - 1, FRAME_LG2),
            P,
            List.of(),
            Test.NEVER,
            Test.NEVER,
            Mirror.NONE);
    return new TableFormat(
        "x86/pae",
        ByteOrder.LITTLE_ENDIAN,
        FRAME_LG2,
        new VaRule(shift(2) + PDPT_INDEX_BITS, VaRule.Extension.ZERO),
        PA_BITS,
        List.of(paeLayout(0), paeLayout(1), root),
        Set.of(Capability.HARDWARE_ACCESSED_DIRTY),
        PaeCodec.CODEC);
  }

  /** A level of long mode with bits 62:52 reserved. */
  private static LevelLayout paeLayout(int level) {
    LevelLayout layout = layout(level, TABLE, Mirror.NONE);
    Leaf leaf = layout.leaves().getFirst();
    return new LevelLayout(
        layout.manualName(),
        layout.shift(),
        layout.indexBits(),
        layout.table(),
        layout.empty(),
        layout.emptyItem(),
        level == 0 ? Test.NEVER : withZero(layout.isTable(), PAE_RESERVED),
        layout.tablePa(),
        layout.tableConstant(),
        List.of(
            new Leaf(
                leaf.sizeLg2(), withZero(leaf.test(), PAE_RESERVED), leaf.constant(), leaf.pa())),
        layout.accessed(),
        layout.dirty(),
        layout.mirror());
  }

  private static Test withZero(Test test, long zero) {
    return new Test(test.mask() | zero, test.value());
  }

  private static LevelLayout layout(int level, Placement table, Mirror mirror) {
    return new LevelLayout(
        MANUAL_NAMES.get(level),
        shift(level),
        INDEX_BITS,
        table,
        new Test(P, 0),
        0,
        level == 0 ? Test.NEVER : new Test(P | PS, P),
        level == 0 ? PaField.NONE : PaField.bits(PA_BITS - 1, FRAME_LG2),
        level == 0 ? 0 : TABLE_CONSTANT,
        level <= HIGHEST_LEAF_LEVEL ? List.of(leaf(level)) : List.of(),
        Test.set(A),
        Test.set(D),
        mirror);
  }

  private static Leaf leaf(int level) {
    long constant = level == 0 ? P : P | PS;
    return new Leaf(
        shift(level),
        new Test(constant | reservedInLeaf(level), constant),
        constant,
        PaField.bits(PA_BITS - 1, shift(level)));
  }

  /** Bits between a large leaf's PAT and its pa, which must be zero; none at level 0. */
  private static long reservedInLeaf(int level) {
    return level == 0 ? 0 : (1L << shift(level)) - (PAT_LARGE << 1);
  }
}
