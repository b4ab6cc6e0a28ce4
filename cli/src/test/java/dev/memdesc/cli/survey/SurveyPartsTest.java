package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.cli.input.Printable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SurveyPartsTest {
  @Test
  void aDifferenceIsSplitByWhatIsKnown() {
    assertThat(Difference.split(100, true, true, 0)).isEqualTo(new Difference(100, 0, 0, 0));
    assertThat(Difference.split(100, true, true, 30)).isEqualTo(new Difference(70, 30, 0, 0));
    assertThat(Difference.split(20, true, true, 30)).isEqualTo(new Difference(0, 20, 0, 0));
    assertThat(Difference.split(-4, true, true, 30)).isEqualTo(new Difference(0, 0, 0, -4));
    assertThat(Difference.split(-4, true, false, 30)).isEqualTo(new Difference(0, 0, -4, 0));
    assertThat(Difference.split(8, true, false, 0)).isEqualTo(new Difference(0, 0, 8, 0));
    assertThat(Difference.split(8, false, true, 30)).isEqualTo(new Difference(0, 0, 0, 8));
    assertThat(new Difference(1, 2, 3, 4).totalKiB()).isEqualTo(10);
  }

  @Test
  void occupancyClassesTouchWithoutOverlap() {
    int[] entries = {0, 1, 8, 9, 64, 65, 128, 129, 256, 257, 511, 512};
    int[] classes = {0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6};
    for (int i = 0; i < entries.length; i++) {
      Occupancy occupancy = new Occupancy();
      occupancy.add(entries[i], 512);
      int index = classes[i];
      assertThat(IntStream.range(0, 7).map(c -> (int) occupancy.tables(c)))
          .as("%d entries", entries[i])
          .containsExactly(
              IntStream.range(0, 7).map(c -> c == index ? 1 : 0).boxed().toArray(Integer[]::new));
    }
  }

  @Test
  void theInvisibleBoundCountsOnlyTablesThatAreMissing() {
    try (SpaceFactory spaces = new CoreSpaces("x86/4-level")) {
      InvisibleBound bound = new InvisibleBound(spaces.format());
      // Two mappings in one span of 2 MiB, and one across a border of 1 GiB.
      bound.add(new Vma(0x7000_0000_0000L, 0x7000_0000_1000L, "r--p", ""));
      bound.add(new Vma(0x7000_0000_2000L, 0x7000_0000_3000L, "r--p", ""));
      bound.add(new Vma(0x7000_3fff_f000L, 0x7000_4000_1000L, "r--p", ""));
      // Level 0: three spans; level 1: two; level 2: one.
      assertThat(bound.bytes()).isEqualTo(6 * 4096);
      bound.exists(2, 0x7000_0000_0000L);
      bound.exists(1, 0x7000_0000_0000L);
      bound.exists(0, 0x7000_0000_0000L);
      bound.exists(0, 0x7000_0020_0000L);
      bound.exists(0, 0x6fff_ffe0_0000L);
      assertThat(bound.bytes()).isEqualTo(3 * 4096);
      bound.exists(0, 0x7000_3fe0_0000L);
      bound.exists(0, 0x7000_4000_0000L);
      bound.exists(1, 0x7000_4000_0000L);
      assertThat(bound.bytes()).isZero();
    }
  }

  @Test
  void namesCannotDriveATerminal() {
    assertThat(Printable.of("plain name")).isEqualTo("plain name");
    assertThat(Printable.of("a\u001b[31mb\u202ec\nd")).isEqualTo("a?[31mb?c?d");
  }
}
