package dev.memdesc.iommu.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.iommu.smmu.Command.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A range becomes commands that cover it, and, with ranges, nothing else. */
final class TlbRangesTest {
  private static final TableFormat FORMAT = SmmuFormatsTest.format("s1-4k-48");

  private static List<Range> split(
      boolean ranges, long first, long last, long leafSizes, boolean tables) {
    List<Range> found = new ArrayList<>();
    boolean split = new TlbRanges(FORMAT, ranges).split(first, last, leafSizes, tables, found::add);
    return split ? found : List.of();
  }

  @Test
  void oneCommandForManyPages() {
    assertThat(split(true, 0x1234_0000L, 0x1234_FFFFL, 1 << 12, false))
        .containsExactly(new Range(0x1234_0000L, 12, 0, 4, true, 3));
    // 2M leaves, at level 2.
    assertThat(split(true, 0, (3 << 21) - 1, 1 << 21, false))
        .containsExactly(new Range(0, 12, 2, 9, true, 2));
  }

  @Test
  void onePageWhoseLevelIsNotKnownIsNoRange() {
    assertThat(split(true, 0x1000, 0x1FFF, 0, false)).containsExactly(Range.one(0x1000));
    assertThat(split(true, 0x1000, 0x1FFF, 1 << 12, true)).containsExactly(Range.one(0x1000));
    assertThat(split(true, 0x1000, 0x1FFF, 1 << 12, false))
        .containsExactly(new Range(0x1000, 12, 0, 0, true, 3));
  }

  @Test
  void aLevelIsToldOfWholeLeavesOnly() {
    // A hole of one page behind two leaves of 2M: the second piece would begin inside a leaf.
    assertThat(split(true, 1 << 21, (3 << 21) + 0xFFF, 1 << 21, false))
        .isNotEmpty()
        .allSatisfy(range -> assertThat(range.ttl()).isZero());
  }

  @Test
  void withoutRangesEachLeafHasACommand() {
    assertThat(split(false, 0x1000, 0x3FFF, 1 << 12, false))
        .containsExactly(Range.one(0x1000), Range.one(0x2000), Range.one(0x3000));
    assertThat(split(false, 0, (2 << 21) - 1, 1 << 21, false))
        .containsExactly(Range.one(0), Range.one(1 << 21));
    assertThat(split(false, 0, (1 << 30) - 1, 1 << 12, false)).isEmpty();
    assertThat(split(true, 0, -1L >>> 16, 0, true)).as("the whole va").isEmpty();
  }

  @Test
  void randomRangesAreCoveredOnceAndExactly() {
    SplittableRandom random = new SplittableRandom(Long.getLong("memdesc.seed", 11));
    for (int i = 0; i < 20_000; i++) {
      long page = random.nextLong(1L << 35);
      long pages = 1 + random.nextLong(1L << random.nextInt(35));
      if (page + pages > 1L << 36) {
        continue;
      }
      long next = page;
      for (Range range : split(true, page << 12, ((page + pages) << 12) - 1, 0, i % 2 == 0)) {
        assertThat(range.address()).isEqualTo(next << 12);
        assertThat(range.num()).isBetween(0, 31);
        assertThat(range.scale()).isBetween(0, 31);
        next += range.ranged() ? (range.num() + 1L) << range.scale() : 1;
      }
      assertThat(next).isEqualTo(page + pages);
    }
  }
}
