package dev.memdesc.arch.s390;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The page tables of s390x: z/Architecture Principles of Operation, chapter 3 "Dynamic address
 * translation", with enhanced DAT 1 and 2 and instruction-execution protection. Its page table (PT)
 * is level 0, segment table (ST) level 1, region-third table (R3T) level 2, region-second table
 * (R2T) level 3 and region-first table (R1T) level 4. Bits are numbered from the lowest here, from
 * the highest there.
 *
 * <pre>
 *          63          31   20 19 17 16  15 12 11  10   9   8  7 6  5  4   3  2 1   0
 *         +----------------------------------+---+----+---+---+----+---+--+-----+-----+
 *  PT     |      pa of the page              | 0 | I  | P |IEP|           SW          |
 *  ST     |      pa of the page table : bit 11   |FC=0| P |     0   | I |CS|  0  | SW |
 *  1M     |  pa of the frame   | 0  | AV| ACC | F |FC=1| P |IEP| 0 | I |CS|  0  | SW |
 *  R3T    |      pa of the segment table     | 0 |FC=0| P | 0 | TF | I |CR|  1  | TL |
 *  2G     |  pa   |      0          | AV| ACC | F |FC=1| P |IEP| 0 | I |CR|  1  | SW |
 *  R2T,R1T|      pa of the lower table       |   0    | P | 0 | TF | I | 0| 2,3 | TL |
 *         +----------------------------------+---+----+---+---+----+---+--+-----+-----+
 * </pre>
 *
 * <p>I says that an entry is invalid and comes first: EMPTY has it set, so EMPTY is not 0, and it
 * differs from level to level because TT does. A table of 2 KiB starts at any multiple of 2 KiB, so
 * two share a page. TF and TL allow a table to be shorter than its four pages; memdesc makes whole
 * ones only, and an entry that leads to another is INVALID here.
 *
 * <p>An address space begins with three levels, as Linux's do, and gets another region table above
 * its root when it needs more than 4 TiB, and a second one above 8 PiB.
 *
 * <p>A bit drawn 0 is reserved. Only the one in a page entry is reported by hardware.
 */
final class S390Format {
  /** Invalid, in a page entry. */
  static final long I_PAGE = 0x400;

  /** Invalid, in an entry of any other table. */
  static final long I = 0x20;

  /** DAT protection: no stores. */
  static final long P = 0x200;

  /** Instruction-execution protection: no fetches. */
  static final long IEP = 0x100;

  /** Format control: a frame, not a table. */
  static final long FC = 0x400;

  /** Common segment or region: the translation holds in every address space. */
  static final long COMMON = 0x10;

  /** Access-control validity: ACC and F count, instead of the storage keys of the frames. */
  static final long AV = 0x10000;

  static final int ACC_SHIFT = 12;

  /** Reserved in a page entry: hardware reports a translation specification exception. */
  static final long PAGE_RESERVED = 0x800;

  /** Table type, of an entry and of an ASCE: 0 segment table, 1 to 3 region tables. */
  static final long TT = 0xC;

  /** Where the tables that an entry leads to begins, in units of 4 KiB; memdesc's begin at 0. */
  static final long TF = 0xC0;

  /** How long it is, in units of 4 KiB less one; memdesc's have all four. */
  static final long TL = 0x3;

  static final int FRAME_LG2 = 12;
  static final int SEGMENT_LEVEL = 1;

  /** The highest level with leaves: the region-third table. */
  static final int HIGHEST_LEAF_LEVEL = 2;

  /** An entry has room for all 64, but an address space says with all ones that there is no pa. */
  private static final int PA_BITS = 63;

  private static final int PAGE_INDEX_BITS = 8;
  private static final int UPPER_INDEX_BITS = 11;
  private static final int SEGMENT_LG2 = FRAME_LG2 + PAGE_INDEX_BITS;

  private static final List<String> MANUAL_NAMES = List.of("PT", "ST", "R3T", "R2T", "R1T");

  /** Half a page: two tables share one. As Linux did up to 6.6. */
  private static final Placement HALF_PAGE = Placement.natural(11);

  /** The first half of a page of its own, the rest unused. As Linux does since 6.7. */
  private static final Placement FULL_PAGE = new Placement(2048, FRAME_LG2, 0, -1L);

  /** The first half of a page; in the other a PGSTE for each entry, what a guest needs. */
  private static final Placement WITH_PGSTE = new Placement(2048, FRAME_LG2, 2048, -1L);

  /** A region or segment table: four pages in a row, at any page. */
  private static final Placement CRST = new Placement(16384, FRAME_LG2, 0, -1L);

  /** The formats, the default first. */
  static final List<TableFormat> VARIANTS = variants();

  private S390Format() {}

  private static List<TableFormat> variants() {
    List<TableFormat> formats = new ArrayList<>(family("", HALF_PAGE, false));
    formats.addAll(family("-page", FULL_PAGE, false));
    formats.addAll(family("-pgste", WITH_PGSTE, false));
    formats.addAll(family("-linux", FULL_PAGE, true));
    return List.copyOf(formats);
  }

  /** Three levels, which grow into four, which grow into five. */
  private static List<TableFormat> family(String suffix, Placement pages, boolean linux) {
    TableFormat five = format(5, suffix, pages, linux, null);
    TableFormat four = format(4, suffix, pages, linux, five);
    return List.of(format(3, suffix, pages, linux, four), four, five);
  }

  /** log2 of the bytes that an item of a level spans. */
  static int shift(int level) {
    return level == 0 ? FRAME_LG2 : SEGMENT_LG2 + (level - 1) * UPPER_INDEX_BITS;
  }

  /** The table type of the entries of a level, in place; 0 for a page table, which has none. */
  static long tableType(int level) {
    return level == 0 ? 0 : (long) (level - 1) << 2;
  }

  /** The bit that makes an item of a level invalid. */
  static long invalid(int level) {
    return level == 0 ? I_PAGE : I;
  }

  private static TableFormat format(
      int levels, String suffix, Placement pages, boolean linux, @Nullable TableFormat growsInto) {
    List<LevelLayout> layouts = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      layouts.add(layout(level, level == 0 ? pages : CRST, linux));
    }
    EntryCodec codec = linux ? S390LinuxCodec.CODEC : S390Codec.CODEC;
    return new TableFormat(
        "s390/" + levels + "-level" + suffix,
        ByteOrder.BIG_ENDIAN,
        FRAME_LG2,
        new VaRule(shift(levels), VaRule.Extension.ZERO),
        PA_BITS,
        layouts,
        Set.of(),
        codec,
        0,
        growsInto);
  }

  private static LevelLayout layout(int level, Placement table, boolean linux) {
    long empty = tableType(level) | invalid(level);
    return new LevelLayout(
        MANUAL_NAMES.get(level),
        shift(level),
        level == 0 ? PAGE_INDEX_BITS : UPPER_INDEX_BITS,
        table,
        Test.set(invalid(level)),
        empty,
        tableTest(level),
        level == 0 ? PaField.NONE : PaField.bits(63, level == SEGMENT_LEVEL ? 11 : FRAME_LG2),
        tableConstant(level, linux),
        level <= HIGHEST_LEAF_LEVEL ? List.of(leaf(level, linux)) : List.of(),
        linux ? S390LinuxCodec.accessed(level) : Test.NEVER,
        linux ? S390LinuxCodec.dirty(level) : Test.NEVER,
        Mirror.NONE);
  }

  private static Test tableTest(int level) {
    if (level == 0) {
      return Test.NEVER;
    }
    if (level == SEGMENT_LEVEL) {
      return new Test(FC | I | TT, 0);
    }
    long fc = level <= HIGHEST_LEAF_LEVEL ? FC : 0;
    return new Test(fc | TF | I | TT | TL, tableType(level) | TL);
  }

  private static long tableConstant(int level, boolean linux) {
    if (level == 0) {
      return 0;
    }
    return level == SEGMENT_LEVEL ? linux ? S390LinuxCodec.PRESENT : 0 : tableType(level) | TL;
  }

  private static Leaf leaf(int level, boolean linux) {
    long type = level == 0 ? 0 : FC | tableType(level);
    PaField pa = PaField.bits(63, shift(level));
    if (linux) {
      // Software's bits say that it is a leaf: one that is not young is invalid to hardware.
      long constant = type | S390LinuxCodec.leafConstant(level);
      long mask = level == 0 ? PAGE_RESERVED : TT;
      return new Leaf(shift(level), new Test(mask | constant, constant), constant, pa);
    }
    long mask = level == 0 ? I_PAGE | PAGE_RESERVED : I | FC | TT;
    return new Leaf(shift(level), new Test(mask, type), type, pa);
  }
}
