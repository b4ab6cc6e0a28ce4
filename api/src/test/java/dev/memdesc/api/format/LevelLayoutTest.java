package dev.memdesc.api.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LevelLayoutTest {
  private static final LevelLayout HIGH = TestFormats.level(1);

  @ParameterizedTest
  @CsvSource({"0, EMPTY", "1, TABLE", "129, LEAF", "2, SOFT", "128, SOFT"})
  void anItemIsWhatTheFirstTestThatItPassesSays(long item, EntryKind kind) {
    assertThat(HIGH.kind(item)).isEqualTo(kind);
  }

  @Test
  void aLargeItemIsInvalidWhereThereMayBeNoLeaf() {
    assertThat(TestFormats.level(2).kind(0x81)).isEqualTo(EntryKind.INVALID);
    assertThat(TestFormats.level(2).leafOf(0x81)).isNull();
  }

  @Test
  void anItemThatHardwareTakesForInvalidButIsNotTheEmptyItemIsSoft() {
    LevelLayout odd =
        TestFormats.level(
            "odd", 12, 9, Placement.natural(12), 0x400, TestFormats.level(0).leaves(), Mirror.NONE);
    assertThat(odd.kind(0x400)).isEqualTo(EntryKind.EMPTY);
    assertThat(odd.kind(0)).isEqualTo(EntryKind.SOFT);
    assertThat(odd.kind(0x402)).isEqualTo(EntryKind.SOFT);
  }

  @Test
  void theEmptyItemIsNoLeafAlsoIfTheLeafsTestPassesIt() {
    // A leaf is there if it can be read or written: no mask and value say so.
    Leaf permissive = TestFormats.leaf(12, new dev.memdesc.api.format.Test(1L << 62, 0));
    LevelLayout layout =
        TestFormats.level(
            "permissive", 12, 9, Placement.natural(12), List.of(permissive), Mirror.NONE);
    assertThat(layout.kind(0)).isEqualTo(EntryKind.EMPTY);
    assertThat(layout.leafOf(0)).isNull();
    assertThat(layout.leafOf(2)).isEqualTo(permissive);
  }

  @Test
  void theIndexIsTheBitsOfTheVaThatTheLevelTranslates() {
    assertThat(HIGH.items()).isEqualTo(512);
    assertThat(HIGH.spanLg2()).isEqualTo(30);
    assertThat(HIGH.index(0)).isZero();
    assertThat(HIGH.index(0x1f_ffff)).isZero();
    assertThat(HIGH.index(0x20_0000)).isEqualTo(1);
    assertThat(HIGH.index(0x3fff_ffff)).isEqualTo(511);
    assertThat(HIGH.index(0x4000_0000)).isZero();
    assertThat(HIGH.index(-1L)).isEqualTo(511);
  }

  @Test
  void theTableItemLeadsToItsTable() {
    long item = HIGH.tableItem(0x000f_ffff_ffff_f000L);
    assertThat(item).isEqualTo(0x000f_ffff_ffff_f067L);
    assertThat(HIGH.kind(item)).isEqualTo(EntryKind.TABLE);
    assertThat(HIGH.tablePa().decode(item)).isEqualTo(0x000f_ffff_ffff_f000L);
  }

  @Test
  void aTestPassesByItsMaskAndValue() {
    dev.memdesc.api.format.Test test = new dev.memdesc.api.format.Test(0b110, 0b010);
    assertThat(test.passes(0b1011)).isTrue();
    assertThat(test.passes(0b1111)).isFalse();
    assertThat(test.passes(0b0001)).isFalse();
    assertThat(dev.memdesc.api.format.Test.set(0b110).passes(0b010)).isFalse();
    assertThat(dev.memdesc.api.format.Test.set(0b110).passes(0b111)).isTrue();
    for (long item : new long[] {0, 1, -1L}) {
      assertThat(dev.memdesc.api.format.Test.NEVER.passes(item)).isFalse();
    }
  }

  @Test
  void aPlacementCountsItsShadow() {
    assertThat(Placement.natural(12)).isEqualTo(new Placement(4096, 12, 0, -1L));
    assertThat(new Placement(4096, 13, 4096, -1L).allBytes()).isEqualTo(8192);
  }

  @Test
  void theLeavesCannotBeChanged() {
    assertThat(HIGH.leaves()).isEqualTo(List.copyOf(HIGH.leaves())).isUnmodifiable();
  }
}
