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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Six formats that differ in what the engine is stamped for: number of levels, byte order, where an
 * item keeps the pa, the EMPTY pattern, sizes of tables. They resemble real ones, which is all they
 * are for: nothing walks them, and attributes are three bits.
 */
final class BenchFormats {
  private static final int FRAME_LG2 = 12;
  private static final int INDEX_BITS = 9;
  private static final int PA_BITS = 52;
  private static final int HIGHEST_LEAF_LEVEL = 2;

  static final List<TableFormat> VARIANTS =
      List.of(shiftedPa(), bigEndian(), splitPa(), invalidBit(), rightsArePresence(), fiveLevels());

  private BenchFormats() {}

  /** How the items of one level look. */
  private record Items(
      Test empty, long emptyItem, Test table, PaField tablePa, long tableConstant, Leaf leaf) {}

  /** What makes the items of a level. */
  private interface Shape {
    Items at(int level, int shift);
  }

  private static TableFormat format(
      String variant, ByteOrder order, PlainCodec codec, List<Integer> indexBits, Shape shape) {
    List<LevelLayout> levels = new ArrayList<>();
    int shift = FRAME_LG2;
    for (int level = 0; level < indexBits.size(); level++) {
      int bits = indexBits.get(level);
      Items items = shape.at(level, shift);
      levels.add(
          new LevelLayout(
              "L" + level,
              shift,
              bits,
              Placement.natural(bits + 3),
              items.empty(),
              items.emptyItem(),
              level == 0 ? Test.NEVER : items.table(),
              level == 0 ? PaField.NONE : items.tablePa(),
              level == 0 ? 0 : items.tableConstant(),
              level <= HIGHEST_LEAF_LEVEL ? List.of(items.leaf()) : List.of(),
              Test.NEVER,
              Test.NEVER,
              Mirror.NONE));
      shift += bits;
    }
    return new TableFormat(
        BenchBackend.NAME + "/" + variant,
        order,
        FRAME_LG2,
        new VaRule(shift, VaRule.Extension.ZERO),
        PA_BITS,
        levels,
        Set.of(),
        codec);
  }

  private static List<Integer> nines(int levels) {
    return Collections.nCopies(levels, INDEX_BITS);
  }

  /** As RISC-V: three levels, the pa two bits lower in the item. */
  private static TableFormat shiftedPa() {
    long valid = 1;
    long read = 1 << 1;
    long write = 1 << 2;
    long execute = 1 << 3;
    return format(
        "shifted-pa",
        ByteOrder.LITTLE_ENDIAN,
        new PlainCodec(0, write, execute),
        nines(3),
        (level, shift) ->
            new Items(
                new Test(valid, 0),
                0,
                new Test(valid | read | write | execute, valid),
                new PaField(0, PaField.bits(49, 10).mask0(), 2, 0, 0),
                valid,
                new Leaf(
                    shift,
                    Test.set(valid | read),
                    valid | read,
                    new PaField(0, PaField.bits(49, shift - 2).mask0(), 2, 0, 0))));
  }

  /** As POWER's radix tables: big-endian, flags at the top. */
  private static TableFormat bigEndian() {
    long valid = 1L << 63;
    long leaf = 1L << 62;
    return format(
        "big-endian",
        ByteOrder.BIG_ENDIAN,
        new PlainCodec(4, 2, 1),
        nines(4),
        (level, shift) ->
            new Items(
                new Test(valid, 0),
                0,
                new Test(valid | leaf, valid),
                PaField.bits(PA_BITS - 1, FRAME_LG2),
                valid,
                new Leaf(
                    shift,
                    Test.set(valid | leaf),
                    valid | leaf,
                    PaField.bits(PA_BITS - 1, shift))));
  }

  /** As arm64's LPA2: the highest bits of the pa are kept low in the item. */
  private static TableFormat splitPa() {
    long valid = 1;
    long table = 1 << 1;
    long high = PaField.bits(9, 8).mask0();
    return format(
        "split-pa",
        ByteOrder.LITTLE_ENDIAN,
        new PlainCodec(1 << 6, 1 << 7, 1L << 54),
        nines(4),
        (level, shift) ->
            new Items(
                new Test(valid, 0),
                0,
                Test.set(valid | table),
                new PaField(PaField.bits(49, FRAME_LG2).mask0(), high, 42, 0, 0),
                valid | table,
                new Leaf(
                    shift,
                    new Test(valid | table, level == 0 ? valid | table : valid),
                    level == 0 ? valid | table : valid,
                    new PaField(PaField.bits(49, shift).mask0(), high, 42, 0, 0))));
  }

  /** As s390: big-endian, EMPTY is a bit that is set, leaf tables of 2 KiB and others of 16. */
  private static TableFormat invalidBit() {
    long large = 1 << 10;
    return format(
        "invalid-bit",
        ByteOrder.BIG_ENDIAN,
        new PlainCodec(1 << 3, 1 << 4, 1 << 6),
        List.of(8, 11, 11),
        (level, shift) -> {
          long invalid = level == 0 ? 1 << 10 : 1 << 5;
          long leaf = level == 0 ? 0 : large;
          return new Items(
              Test.set(invalid),
              invalid,
              new Test(invalid | large, 0),
              PaField.bits(PA_BITS - 1, level == 1 ? 11 : 14),
              (long) (level - 1) << 2,
              new Leaf(
                  shift, new Test(invalid | leaf, leaf), leaf, PaField.bits(PA_BITS - 1, shift)));
        });
  }

  /** As VT-d's second stage: there is no present bit; an item without rights is not there. */
  private static TableFormat rightsArePresence() {
    long read = 1;
    long write = 1 << 1;
    long large = 1 << 7;
    return format(
        "rights",
        ByteOrder.LITTLE_ENDIAN,
        new PlainCodec(0, write, 1 << 2),
        nines(4),
        (level, shift) -> {
          long constant = level == 0 ? read : read | large;
          return new Items(
              new Test(read | write, 0),
              0,
              new Test(read | write | large, read | write),
              PaField.bits(PA_BITS - 1, FRAME_LG2),
              read | write,
              new Leaf(shift, Test.set(constant), constant, PaField.bits(PA_BITS - 1, shift)));
        });
  }

  /** Five levels, with a table bit. */
  private static TableFormat fiveLevels() {
    long valid = 1;
    long table = 1 << 1;
    return format(
        "five-levels",
        ByteOrder.LITTLE_ENDIAN,
        new PlainCodec(1 << 2, 1 << 3, 1 << 4),
        nines(5),
        (level, shift) ->
            new Items(
                new Test(valid, 0),
                0,
                Test.set(valid | table),
                PaField.bits(PA_BITS - 1, FRAME_LG2),
                valid | table,
                new Leaf(
                    shift,
                    new Test(valid | table, valid),
                    valid,
                    PaField.bits(PA_BITS - 1, shift))));
  }
}
