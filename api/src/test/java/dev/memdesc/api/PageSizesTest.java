package dev.memdesc.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PageSizesTest {
  private static final PageSizes X86 = PageSizes.ofLg2(12, 21, 30);

  @Test
  void theBestSizeIsWhatBruteForceFinds() {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("best page size: -Dmemdesc.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 200_000; i++) {
      long many = random.nextLong();
      PageSizes sizes = new PageSizes(many & random.nextLong());
      long va = random.nextLong() << random.nextInt(64) >>> random.nextInt(64);
      long pa = random.nextLong() << random.nextInt(64) >>> random.nextInt(64);
      long room = random.nextLong() >>> random.nextInt(64);
      long lastVa = Long.compareUnsigned(va + room, va) < 0 ? -1L : va + room;
      checkBest(sizes, va, pa, lastVa);
    }
  }

  @Test
  void theBestSizeIsRightAtTheEdges() {
    long[] addresses = {0, 0x1000, 1L << 21, 1L << 62, 1L << 63, -0x1000L, -1L};
    for (long va : addresses) {
      for (long pa : addresses) {
        for (long last : new long[] {va, va | 0xfff, va | ((1L << 63) - 1), -2L, -1L}) {
          if (Long.compareUnsigned(last, va) >= 0) {
            checkBest(PageSizes.ANY, va, pa, last);
            checkBest(X86, va, pa, last);
            checkBest(new PageSizes(1L << 63), va, pa, last);
            checkBest(new PageSizes(0), va, pa, last);
          }
        }
      }
    }
  }

  private static void checkBest(PageSizes sizes, long va, long pa, long lastVa) {
    assertThat(sizes.bestLg2(va, pa, lastVa))
        .as("best of %s at va %s pa %s last %s", sizes, Hex.of(va), Hex.of(pa), Hex.of(lastVa))
        .isEqualTo(bruteForce(sizes, va, pa, lastVa));
  }

  private static int bruteForce(PageSizes sizes, long va, long pa, long lastVa) {
    for (int lg2 = 63; lg2 >= 0; lg2--) {
      long size = 1L << lg2;
      boolean aligned =
          Long.remainderUnsigned(va, size) == 0 && Long.remainderUnsigned(pa, size) == 0;
      boolean fits = Long.compareUnsigned(size - 1, lastVa - va) <= 0;
      if (sizes.contains(lg2) && aligned && fits) {
        return lg2;
      }
    }
    return -1;
  }

  @Test
  void noSizeFitsIsMinusOne() {
    assertThat(X86.bestLg2(0x800, 0, 0x17ff)).isEqualTo(-1);
    assertThat(X86.bestLg2(0, 0, 0xffe)).isEqualTo(-1);
    assertThat(X86.bestLg2(0, 0, 0xfff)).isEqualTo(12);
  }

  @Test
  void aSetContainsWhatItWasMadeOf() {
    for (int lg2 = 0; lg2 < 64; lg2++) {
      assertThat(X86.contains(lg2)).isEqualTo(lg2 == 12 || lg2 == 21 || lg2 == 30);
      assertThat(PageSizes.ANY.contains(lg2)).isTrue();
    }
    assertThat(X86.and(PageSizes.ofLg2(21, 30, 39))).isEqualTo(PageSizes.ofLg2(21, 30));
    assertThat(X86.and(PageSizes.ofLg2(39)).isEmpty()).isTrue();
    assertThat(X86.isEmpty()).isFalse();
    assertThat(X86.smallestLg2()).isEqualTo(12);
    assertThat(new PageSizes(0).smallestLg2()).isEqualTo(64);
  }

  @Test
  void sizesArePrintedAsPeopleWriteThem() {
    assertThat(X86).hasToString("4K/2M/1G");
    assertThat(PageSizes.ofLg2(48, 14, 25, 0, 9)).hasToString("1/512/16K/32M/256T");
    assertThat(PageSizes.name(63)).isEqualTo("8E");
    assertThat(new PageSizes(0)).hasToString("");
  }
}
