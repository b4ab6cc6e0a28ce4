package dev.memdesc.api.format;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests, constants and fields of a level that contradict each other are refused, each by name. */
final class LevelRulesTest {
  private static final PaField PA = PaField.bits(51, 12);
  private static final dev.memdesc.api.format.Test NEVER = dev.memdesc.api.format.Test.NEVER;

  /** Level 1 of a format, of which each test spoils one thing. */
  static final class Spoiled {
    int number = 1;
    dev.memdesc.api.format.Test empty = test(1, 0);
    long emptyItem;
    dev.memdesc.api.format.Test isTable = test(0x81, 1);
    PaField tablePa = PA;
    long tableConstant = 0x67;
    Leaf leaf = leaf(TestFormats.LARGE, 0x81, PaField.bits(51, 21));
    dev.memdesc.api.format.Test dirty = test(0x40, 0x40);
    Mirror mirror = Mirror.NONE;
    int indexBits = 9;
    Placement table = Placement.natural(12);

    LevelLayout level() {
      return new LevelLayout(
          "spoiled",
          12 + 9 * number,
          indexBits,
          table,
          empty,
          emptyItem,
          isTable,
          tablePa,
          tableConstant,
          mirror.endIndex() == 0 ? List.of(leaf) : List.of(),
          test(0x20, 0x20),
          dirty,
          mirror);
    }
  }

  interface Fault {
    void plantIn(Spoiled level);
  }

  private static dev.memdesc.api.format.Test test(long mask, long value) {
    return new dev.memdesc.api.format.Test(mask, value);
  }

  private static Leaf leaf(dev.memdesc.api.format.Test test, long constant, PaField pa) {
    return new Leaf(21, test, constant, pa);
  }

  private static Arguments fault(String rule, Fault fault) {
    return Arguments.of(rule, fault);
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("the table test must not pass the empty item", at -> at.isTable = test(0, 0)),
        fault("the table test must not pass the empty item", at -> at.isTable = test(2, 0)),
        fault(
            "the table test must not pass the empty item",
            at -> {
              at.emptyItem = 0x20;
              at.isTable = test(0x20, 0x20);
            }),
        fault(
            "the table test of level 0 must pass nothing: there is no level below",
            at -> {
              at.number = 0;
              at.leaf = new Leaf(12, TestFormats.LARGE, 0x81, PA);
            }),
        fault("the table test must pass what the table constant makes", at -> at.tableConstant = 6),
        fault("the table test must pass what the table constant makes", at -> at.isTable = NEVER),
        fault("the table test must not look at bits of the pa", at -> at.isTable = test(0x1081, 1)),
        fault("the table constant must have no bits of the pa", at -> at.tableConstant = 0x1067),
        fault(
            "the empty test must not pass every table entry: hardware would walk none",
            at -> at.empty = test(0x80, 0)),
        fault(
            "a leaf's test must be one that an item can pass",
            at -> at.leaf = leaf(NEVER, 0, PaField.bits(51, 21))),
        fault(
            "a leaf's test must pass items with the leaf's constant",
            at -> at.leaf = leaf(test(0x181, 0x81), 0x181, PaField.bits(51, 21))),
        fault(
            "a leaf's test must not look at bits of the pa",
            at -> at.leaf = leaf(test(0x20_0081, 0x81), 0x81, PaField.bits(51, 21))),
        fault(
            "a leaf's test must not pass TABLE entries alone: tables come first",
            at -> at.leaf = leaf(test(0x181, 0x101), 0x101, PaField.bits(51, 21))),
        fault(
            "the empty test must not pass every leaf: hardware would translate by none",
            at -> at.leaf = leaf(test(0x81, 0x80), 0x80, PaField.bits(51, 21))),
        fault(
            "what says accessed or dirty must not lie in the pa",
            at -> at.dirty = test(1L << 40, 1L << 40)),
        fault(
            "each bit of a pa must lie in one place of an item",
            at -> at.tablePa = new PaField(PA.mask0(), 1L << 12, 8, 0, 0)),
        fault(
            "each bit of a pa must lie in one place of an item",
            at -> at.tablePa = new PaField(PA.mask0(), 1L << 52, 64, 0, 0)),
        fault(
            "each bit of a pa must lie in one place of an item",
            at -> at.tablePa = new PaField(PA.mask0(), 1L << 60, 8, 0, 0)),
        fault(
            "what is added to the first copy of an item must leave it a TABLE entry of the same pa",
            at -> at.mirror = new Mirror(4, 0x80)),
        fault(
            "no more items can be kept twice than there are", at -> at.mirror = new Mirror(513, 0)),
        fault("a level must have 1 to 20 index bits", at -> at.indexBits = 0),
        fault("a level must have 1 to 20 index bits", at -> at.indexBits = -1),
        fault("a level must have 1 to 20 index bits", at -> at.indexBits = 21),
        fault(
            "a table must have an alignment of 2^0 to 2^31 bytes, and no negative shadow",
            at -> at.table = new Placement(4096, 40, 0, -1)),
        fault(
            "a table must have an alignment of 2^0 to 2^31 bytes, and no negative shadow",
            at -> at.table = new Placement(4096, 12, -4096, -1)));
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("faults")
  void aContradictionIsRefusedByName(String rule, Fault fault) {
    Spoiled spoiled = new Spoiled();
    fault.plantIn(spoiled);
    if (spoiled.mirror.endIndex() > 0) {
      spoiled.table = new Placement(4096, 13, 4096, -1);
    }
    assertThatThrownBy(() -> format(spoiled))
        .isInstanceOf(PageTableException.class)
        .hasMessageStartingWith(rule + ": format=test/spoiled, level=spoiled, ")
        .extracting("reason")
        .isEqualTo(Reason.INCONSISTENT);
  }

  @Test
  void withoutFaultItIsAFormat() {
    format(new Spoiled());
    Spoiled twice = new Spoiled();
    twice.mirror = new Mirror(4, 1L << 63);
    twice.table = new Placement(4096, 13, 4096, -1);
    format(twice);
  }

  @Test
  void numbersThatNoMachineHasAreRefused() {
    String rule = "a format must have 1 to 64 bits of va, pages of 2^3 to 2^31 bytes, and at least";
    for (int[] bad :
        new int[][] {{0, 12, 52}, {65, 12, 52}, {21, -1, 52}, {21, 70, 80}, {21, 12, 11}}) {
      assertThatThrownBy(() -> format(bad[0], bad[1], bad[2], List.of(TestFormats.level(0))))
          .hasMessageStartingWith(rule);
    }
    format(21, 12, 52, List.of(TestFormats.level(0)));
  }

  private static void format(Spoiled spoiled) {
    List<LevelLayout> levels = new ArrayList<>();
    for (int number = 0; number < spoiled.number; number++) {
      levels.add(TestFormats.level(number));
    }
    levels.add(spoiled.level());
    format(21 + 9 * spoiled.number, 12, 52, levels);
  }

  private static void format(int vaBits, int frameLg2, int paBits, List<LevelLayout> levels) {
    new TableFormat(
        "test/spoiled",
        ByteOrder.LITTLE_ENDIAN,
        frameLg2,
        new VaRule(vaBits, VaRule.Extension.SIGN),
        paBits,
        levels,
        Set.of(),
        TestFormats.of("test/any", 1).codec());
  }
}
