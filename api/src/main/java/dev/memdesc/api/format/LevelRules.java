package dev.memdesc.api.format;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.List;

/**
 * What the tests, constants and fields of one level must say of each other, so that an item has one
 * kind whoever asks, in whatever order: what is EMPTY is no TABLE, what is made a TABLE stays one,
 * and no test looks at the pa. A level that breaks this would have the engine read an item again
 * and again, or go down into what is no table.
 *
 * <p>The order is EMPTY, TABLE, LEAF, SOFT. As no TABLE is EMPTY here, the engine may ask for a
 * TABLE first; as a leaf's test may pass TABLE entries and the empty item, it must ask for leaves
 * last.
 */
final class LevelRules {
  /** The largest table has a million items. */
  private static final int MOST_INDEX_BITS = 20;

  private final String format;
  private final LevelLayout level;

  private LevelRules(String format, LevelLayout level) {
    this.format = format;
    this.level = level;
  }

  /**
   * Checks the numbers that all other sentences compute with.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT}
   */
  static void checkSize(String format, LevelLayout level) {
    if (level.indexBits() < 1 || level.indexBits() > MOST_INDEX_BITS) {
      throw new LevelRules(format, level)
          .broken("a level must have 1 to " + MOST_INDEX_BITS + " index bits")
          .with("indexBits", level.indexBits())
          .build();
    }
    int alignLg2 = level.table().alignLg2();
    if (alignLg2 < 0 || alignLg2 >= Integer.SIZE || level.table().shadowBytes() < 0) {
      throw new LevelRules(format, level)
          .broken("a table must have an alignment of 2^0 to 2^31 bytes, and no negative shadow")
          .with("alignLg2", alignLg2)
          .with("shadowBytes", level.table().shadowBytes())
          .build();
    }
  }

  /**
   * Checks a level of a format.
   *
   * @param number of the level
   * @throws PageTableException with {@link Reason#INCONSISTENT}
   */
  static void check(String format, int number, LevelLayout level) {
    LevelRules rules = new LevelRules(format, level);
    rules.fields();
    rules.tables(number);
    rules.leaves();
    rules.mirror();
  }

  private void fields() {
    field(level.tablePa());
    level.leaves().forEach(leaf -> field(leaf.pa()));
  }

  private void field(PaField field) {
    boolean apart = true;
    long item = 0;
    long pa = 0;
    for (long[] run :
        new long[][] {
          {field.mask0(), 0}, {field.mask1(), field.shift1()}, {field.mask2(), field.shift2()}
        }) {
      long inPa = run[0] << run[1];
      apart &= run[1] >= 0 && run[1] < Long.SIZE && inPa >>> run[1] == run[0];
      apart &= (item & run[0]) == 0 && (pa & inPa) == 0;
      item |= run[0];
      pa |= inPa;
    }
    require("each bit of a pa must lie in one place of an item", apart, item, item, pa);
  }

  private void tables(int number) {
    Test isTable = level.isTable();
    require(
        "the table test must not pass the empty item",
        !isTable.passes(level.emptyItem()),
        level.emptyItem(),
        isTable);
    if (number == 0) {
      require(
          "the table test of level 0 must pass nothing: there is no level below",
          (isTable.value() & ~isTable.mask()) != 0,
          isTable.value(),
          isTable);
      return;
    }
    long constant = level.tableConstant();
    require(
        "the table test must pass what the table constant makes",
        isTable.passes(constant & ~level.tablePa().itemMask()),
        constant,
        isTable);
    require(
        "the table test must not look at bits of the pa",
        (isTable.mask() & level.tablePa().itemMask()) == 0,
        level.tablePa().itemMask(),
        isTable);
    require(
        "the table constant must have no bits of the pa",
        (constant & level.tablePa().itemMask()) == 0,
        constant,
        isTable);
    require(
        "the empty test must not pass every table entry: hardware would walk none",
        !isWithin(isTable, level.empty()),
        constant,
        level.empty());
  }

  private void leaves() {
    for (Leaf leaf : level.leaves()) {
      Test test = leaf.test();
      long pa = leaf.pa().itemMask();
      require(
          "a leaf's test must be one that an item can pass",
          (test.value() & ~test.mask()) == 0,
          test.value(),
          test);
      require(
          "a leaf's test must pass items with the leaf's constant",
          (leaf.constant() & test.mask() & ~test.value() & ~pa) == 0,
          leaf.constant(),
          test);
      require("a leaf's test must not look at bits of the pa", (test.mask() & pa) == 0, pa, test);
      require(
          "a leaf's test must not pass TABLE entries alone: tables come first",
          !isWithin(test, level.isTable()),
          test.value(),
          level.isTable());
      require(
          "the empty test must not pass every leaf: hardware would translate by none",
          !isWithin(test, level.empty()),
          test.value(),
          level.empty());
      for (Test state : List.of(level.accessed(), level.dirty(), level.softDirty())) {
        require(
            "what says accessed or dirty must not lie in the pa",
            (state.mask() & pa) == 0 && (state.equals(Test.NEVER) || (state.value() & pa) == 0),
            pa,
            state);
      }
    }
  }

  private void mirror() {
    int end = level.mirror().endIndex();
    if (end < 0 || end > level.items()) {
      throw broken("no more items can be kept twice than there are")
          .with("endIndex", end)
          .with("items", level.items())
          .build();
    }
    long added = end == 0 ? 0 : level.mirror().added();
    require(
        "what is added to the first copy of an item must leave it a TABLE entry of the same pa",
        (added & (level.isTable().mask() | level.tablePa().itemMask())) == 0,
        added,
        level.isTable());
  }

  /** Whether every item that the one test passes, passes the other. */
  private static boolean isWithin(Test one, Test other) {
    return (other.mask() & ~one.mask()) == 0 && (one.value() & other.mask()) == other.value();
  }

  private void require(String rule, boolean holds, long item, Test test) {
    require(rule, holds, item, test.mask(), test.value());
  }

  private void require(String rule, boolean holds, long item, long mask, long value) {
    if (!holds) {
      throw broken(rule).hex("item", item).hex("mask", mask).hex("value", value).build();
    }
  }

  private PageTableException.Builder broken(String rule) {
    return PageTableException.because(Reason.INCONSISTENT, rule)
        .with("format", format)
        .with("level", level.manualName());
  }
}
