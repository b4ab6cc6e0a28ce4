package dev.memdesc.examples.riscv;

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
 * The page tables of RISC-V: The RISC-V Instruction Set Manual, volume II, 4.4 to 4.6 "Sv39, Sv48,
 * Sv57". The manual counts levels as memdesc does: 0 holds pages of 4 KiB. Every level may have
 * leaves.
 *
 * <pre>
 *         63  62 61 60     54 53                    10 9  8   7   6   5   4   3   2   1   0
 *        +---+-----+---------+------------------------+----+---+---+---+---+---+---+---+---+
 *  table | 0 |  0  |    0    |  pa[55:12] of a table  |RSW | 0 | 0 | 0 | 0 | 0 | 0 | 0 | V |
 *  leaf  | 0 |PBMT |    0    |  pa[55:12] of a page   |RSW | D | A | G | U | X | W | R | V |
 *        +---+-----+---------+------------------------+----+---+---+---+---+---+---+---+---+
 * </pre>
 *
 * <p>A valid item with none of R, W and X is a table; W without R is reserved. Below the pa of a
 * leaf above level 0 the bits must be 0. PBMT is Svpbmt. Bit 63 is N of Svnapot (chapter 5): 16
 * items alike, with 1000 in the lowest bits of their PPN, are one leaf of 64 KiB. It must be 0
 * where a processor lacks Svnapot, so formats with and without are told apart.
 */
final class RiscvFormat {
  static final long V = 1;
  static final long R = 1 << 1;
  static final long W = 1 << 2;
  static final long X = 1 << 3;
  static final long U = 1 << 4;
  static final long G = 1 << 5;
  static final long A = 1 << 6;
  static final long D = 1 << 7;
  static final int RSW_SHIFT = 8;
  static final long RSW = 3 << RSW_SHIFT;
  static final int PBMT_SHIFT = 61;
  static final long PBMT = 3L << PBMT_SHIFT;

  static final int PA_BITS = 56;
  static final int FRAME_LG2 = 12;

  /** A pa lies two bits higher than in the item. */
  static final int PPN_SHIFT = 2;

  private static final int INDEX_BITS = 9;
  private static final long RIGHTS = R | W | X;
  static final long RESERVED = 0x7FL << 54;

  /** Svnapot. */
  static final long N = 1L << 63;

  private static final int NAPOT_ITEMS_LG2 = 4;
  private static final long NAPOT_MASK = 0xFL << (FRAME_LG2 - PPN_SHIFT);
  private static final long NAPOT_64K = 0x8L << (FRAME_LG2 - PPN_SHIFT);

  /** 64 KiB of Svnapot: the items are alike, so each has the pa of the whole. */
  private static final Leaf NAPOT =
      new Leaf(
          FRAME_LG2 + NAPOT_ITEMS_LG2,
          NAPOT_ITEMS_LG2,
          0,
          new Test(V | N | RESERVED | NAPOT_MASK, V | N | NAPOT_64K),
          V | N | NAPOT_64K,
          pa(FRAME_LG2 + NAPOT_ITEMS_LG2));

  /** The formats, the default first. */
  static final List<TableFormat> VARIANTS =
      List.of(
          format("sv39", 3, false),
          format("sv48", 4, false),
          format("sv57", 5, false),
          format("sv39-svnapot", 3, true),
          format("sv48-svnapot", 4, true),
          format("sv57-svnapot", 5, true));

  private RiscvFormat() {}

  static int shift(int level) {
    return FRAME_LG2 + level * INDEX_BITS;
  }

  private static TableFormat format(String name, int levels, boolean napot) {
    List<LevelLayout> layouts = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      layouts.add(layout(level, napot && level == 0));
    }
    return new TableFormat(
        RiscvBackend.NAME + "/" + name,
        ByteOrder.LITTLE_ENDIAN,
        FRAME_LG2,
        new VaRule(shift(levels), VaRule.Extension.SIGN),
        PA_BITS,
        layouts,
        Set.of(Capability.HARDWARE_ACCESSED_DIRTY),
        RiscvCodec.CODEC);
  }

  private static LevelLayout layout(int level, boolean napot) {
    long mustBeZero = N | RESERVED | PBMT | D | A | G | U | RIGHTS;
    // Three tests would be needed to tell leaves by their rights alone: bits say it of the table.
    return new LevelLayout(
        "L" + level,
        shift(level),
        INDEX_BITS,
        Placement.natural(FRAME_LG2),
        new Test(V, 0),
        0,
        level == 0 ? Test.NEVER : new Test(V | mustBeZero, V),
        level == 0 ? PaField.NONE : pa(FRAME_LG2),
        level == 0 ? 0 : V,
        napot ? List.of(single(level), NAPOT) : List.of(single(level)),
        Test.set(A),
        Test.set(D),
        Mirror.NONE);
  }

  private static Leaf single(int level) {
    return new Leaf(shift(level), new Test(V | N | RESERVED | low(level), V), V, pa(shift(level)));
  }

  /** Bits of the pa that are 0 in a leaf of a level, in place in the item. */
  private static long low(int level) {
    return (1L << (shift(level) - PPN_SHIFT)) - (1L << (FRAME_LG2 - PPN_SHIFT));
  }

  /** Where an item keeps a pa that is a multiple of 2^low. */
  private static PaField pa(int low) {
    long mask = PaField.bits(PA_BITS - 1 - PPN_SHIFT, low - PPN_SHIFT).mask0();
    return new PaField(0, mask, PPN_SHIFT, 0, 0);
  }
}
