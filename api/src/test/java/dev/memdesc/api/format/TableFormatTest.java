package dev.memdesc.api.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.VaRule.Extension;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class TableFormatTest {
  private static final Placement FRAME = Placement.natural(12);
  private static final PaField PA = PaField.bits(51, 21);
  private static final Leaf SINGLE = TestFormats.leaf(21, TestFormats.LARGE);
  private static final VaRule THREE = new VaRule(39, Extension.SIGN);
  private static final LevelLayout L0 = TestFormats.level(0);
  private static final LevelLayout L1 = TestFormats.level(1);
  private static final LevelLayout L2 = TestFormats.level(2);

  static Stream<Arguments> contradictions() {
    List<Leaf> small = L0.leaves();
    return Stream.of(
        Arguments.of(
            "a level begins where the one below ends",
            "gap",
            THREE,
            List.of(L0, L1, TestFormats.level("gap", 31, 9, FRAME, List.of(), Mirror.NONE))),
        Arguments.of(
            "a level begins where the one below ends",
            "low",
            THREE,
            List.of(TestFormats.level("low", 13, 9, FRAME, List.of(), Mirror.NONE), L1, L2)),
        Arguments.of(
            "a table has 8 bytes per item, or all have 4",
            "short",
            THREE,
            List.of(
                TestFormats.level("short", 12, 9, Placement.natural(10), small, Mirror.NONE),
                L1,
                L2)),
        Arguments.of(
            "the empty item is EMPTY",
            "full",
            THREE,
            List.of(TestFormats.level("full", 12, 9, FRAME, 1, small, Mirror.NONE), L1, L2)),
        Arguments.of(
            "items that are kept twice are no leaves",
            "twice",
            THREE,
            List.of(TestFormats.level("twice", 12, 9, FRAME, small, new Mirror(1, 0)), L1, L2)),
        Arguments.of(
            "a leaf has the size of its items' span",
            "wide",
            THREE,
            List.of(
                L0,
                TestFormats.level(
                    "wide",
                    21,
                    9,
                    FRAME,
                    List.of(TestFormats.leaf(22, TestFormats.LARGE)),
                    Mirror.NONE),
                L2)),
        Arguments.of(
            "the leaves of a level ascend from one of a single item",
            "groups",
            THREE,
            List.of(L0, groups(group(4, 1L << 21)), L2)),
        Arguments.of(
            "the leaves of a level ascend from one of a single item",
            "groups",
            THREE,
            List.of(L0, groups(SINGLE, group(4, 1L << 21), group(4, 1L << 21)), L2)),
        Arguments.of(
            "a leaf has the size of its items' span",
            "groups",
            THREE,
            List.of(L0, groups(SINGLE, new Leaf(24, 4, 1L << 21, TestFormats.LARGE, 0, PA)), L2)),
        Arguments.of(
            "a group is smaller than a table",
            "groups",
            THREE,
            List.of(L0, groups(SINGLE, group(9, 1L << 21)), L2)),
        Arguments.of(
            "the items of a group differ by the pa's step, or not at all",
            "groups",
            THREE,
            List.of(L0, groups(SINGLE, group(4, 1L << 12)), L2)),
        Arguments.of(
            "the levels translate every bit of the va",
            "L2",
            new VaRule(40, Extension.SIGN),
            List.of(L0, L1, L2)),
        Arguments.of(
            "level 0 has leaves",
            "bare",
            THREE,
            List.of(TestFormats.level("bare", 12, 9, FRAME, List.of(), Mirror.NONE), L1, L2)));
  }

  private static Leaf group(int itemsLg2, long stride) {
    return new Leaf(21 + itemsLg2, itemsLg2, stride, TestFormats.LARGE, 0, PA);
  }

  private static LevelLayout groups(Leaf... leaves) {
    return TestFormats.level("groups", 21, 9, FRAME, List.of(leaves), Mirror.NONE);
  }

  @Test
  void aFormatGrowsByOneLevelAboveItsOwn() {
    LevelLayout level3 = TestFormats.level(3);
    TableFormat four = zero("test/four", List.of(L0, L1, L2, level3), null);
    TableFormat three = zero("test/three", List.of(L0, L1, L2), four);
    assertThat(three.largest()).isSameAs(four);
    assertThat(four.largest()).isSameAs(four);
    TableFormat two = zero("test/two", List.of(L0, L1), three);
    assertThat(two.largest()).isSameAs(four);
    for (LevelLayout[] levels : new LevelLayout[][] {{L0}, {L0, groups(SINGLE)}}) {
      assertThat(
              catchThrowableOfType(
                      PageTableException.class, () -> zero("test/bad", List.of(levels), three))
                  .reason())
          .isEqualTo(Reason.INCONSISTENT);
    }
  }

  private static TableFormat zero(
      String name, List<LevelLayout> levels, @Nullable TableFormat growsInto) {
    return new TableFormat(
        name,
        ByteOrder.LITTLE_ENDIAN,
        12,
        new VaRule(levels.getLast().spanLg2(), Extension.ZERO),
        52,
        levels,
        Set.of(),
        three().codec(),
        0,
        growsInto);
  }

  private static TableFormat three() {
    return TestFormats.of("test/three", 3);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("contradictions")
  void aFormatThatContradictsItselfIsRefused(
      String rule, String level, VaRule va, List<LevelLayout> levels) {
    PageTableException e =
        catchThrowableOfType(
            PageTableException.class, () -> TestFormats.of("test/bad", va, levels));
    assertThat(e).as("what breaks: %s", rule).isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.INCONSISTENT);
    assertThat(e).hasMessage(rule + ": format=test/bad, level=" + level);
  }

  @Test
  void aFormatWithoutLevelsIsRefused() {
    PageTableException e =
        catchThrowableOfType(
            PageTableException.class, () -> TestFormats.of("test/none", THREE, List.of()));
    assertThat(e).as("a format has levels").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.INCONSISTENT);
    assertThat(e).hasMessage("a format has at least one level: format=test/none, levels=0, most=5");
  }

  @Test
  void theGeometryFollowsFromTheLevels() {
    TableFormat format = TestFormats.of("test/four", 4);
    assertThat(format.rootLevel()).isEqualTo(3);
    assertThat(format.level(1).manualName()).isEqualTo("L1");
    assertThat(format.frameBytes()).isEqualTo(4096);
    assertThat(format.leafSizes()).hasToString("4K/2M");
    assertThat(format).hasToString("test/four");
  }

  @Test
  void laterChangesOfTheListsChangeNothing() {
    List<LevelLayout> levels = new ArrayList<>(List.of(L0, L1, L2));
    TableFormat format = TestFormats.of("test/three", THREE, levels);
    levels.clear();
    assertThat(format.levels()).containsExactly(L0, L1, L2);
  }

  @Test
  void linuxCountsThreeLevelsButNeverTheRoot() {
    for (int levels = 1; levels <= 5; levels++) {
      TableFormat format = TestFormats.of("test/" + levels, levels);
      for (int level = 0; level < levels; level++) {
        assertThat(format.countedByLinux(level))
            .as("level %d of %d", level, levels)
            .isEqualTo(level < 3 && level < levels - 1);
      }
    }
  }

  @Test
  void aVaOutsideTheFormatIsRefusedWithTheVaThatWouldBeTranslated() {
    TableFormat sign = TestFormats.of("test/four", 4);
    sign.checkVa(0x00007fff_ffffffffL);
    sign.checkVa(0xffff8000_00000000L);
    assertThat(outside(sign, 0x00008000_00000000L))
        .isEqualTo(
            "a va is canonical: the bits above bit 47 are copies of it: va=0x0000800000000000,"
                + " format=test/four; the legal va with the same low bits is 0xffff800000000000");
    TableFormat zero =
        TestFormats.of("test/zero", new VaRule(39, Extension.ZERO), List.of(L0, L1, L2));
    zero.checkVa(0x7f_ffff_ffffL);
    assertThat(outside(zero, 0x80_0000_1000L))
        .isEqualTo(
            "a va has no bits above bit 38: va=0x0000008000001000, format=test/zero; the legal va"
                + " with the same low bits is 0x0000000000001000");
  }

  private static String outside(TableFormat format, long va) {
    PageTableException e = catchThrowableOfType(PageTableException.class, () -> format.checkVa(va));
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.VA_OUTSIDE_FORMAT);
    return String.valueOf(e.getMessage());
  }
}
