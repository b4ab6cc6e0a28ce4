package dev.memdesc.api.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Hex;
import dev.memdesc.api.format.VaRule.Extension;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VaRuleTest {
  @ParameterizedTest
  @CsvSource({
    // The last of the low half, the first of the hole, the last of the hole, the first of the high.
    "48, 0x00007fffffffffff, 0x0000800000000000, 0xffff7fffffffffff, 0xffff800000000000",
    "57, 0x00ffffffffffffff, 0x0100000000000000, 0xfeffffffffffffff, 0xff00000000000000",
  })
  void aCanonicalVaCopiesItsHighestBit(
      int bits, String lowLast, String hole, String holeLast, String high) {
    VaRule rule = new VaRule(bits, Extension.SIGN);
    assertThat(rule.allows(0)).isTrue();
    assertThat(rule.allows(Hex.parse(lowLast))).isTrue();
    assertThat(rule.allows(Hex.parse(hole))).isFalse();
    assertThat(rule.allows(Hex.parse(holeLast))).isFalse();
    assertThat(rule.allows(Hex.parse(high))).isTrue();
    assertThat(rule.allows(-1L)).isTrue();
    assertThat(rule.extend(Hex.parse(hole))).isEqualTo(Hex.parse(high));
  }

  @ParameterizedTest
  @CsvSource({
    "48, 0x0000ffffffffffff, 0x0001000000000000",
    "57, 0x01ffffffffffffff, 0x0200000000000000",
    "9, 0x1ff, 0x200",
  })
  void aVaThatIsZeroExtendedHasNoBitsAbove(int bits, String last, String beyond) {
    VaRule rule = new VaRule(bits, Extension.ZERO);
    assertThat(rule.allows(0)).isTrue();
    assertThat(rule.allows(Hex.parse(last))).isTrue();
    assertThat(rule.allows(Hex.parse(beyond))).isFalse();
    assertThat(rule.allows(-1L)).isFalse();
    assertThat(rule.extend(-1L)).isEqualTo(Hex.parse(last));
    assertThat(rule.extend(Hex.parse(beyond))).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "39, 0xffffff8000000000, 0xffffff7fffffffff",
    "48, 0xffff000000000000, 0xfffeffffffffffff",
  })
  void aVaThatIsOneExtendedHasAllBitsAbove(int bits, String first, String before) {
    VaRule rule = new VaRule(bits, Extension.ONES);
    assertThat(rule.allows(Hex.parse(first))).isTrue();
    assertThat(rule.allows(-1L)).isTrue();
    assertThat(rule.allows(Hex.parse(before))).isFalse();
    assertThat(rule.allows(0)).isFalse();
    assertThat(rule.allows(Long.MIN_VALUE)).isFalse();
    assertThat(rule.extend(0)).isEqualTo(Hex.parse(first));
    assertThat(rule.extend(Hex.parse(before))).isEqualTo(-1L);
  }

  @Test
  void sixtyFourBitsAllowEveryVa() {
    for (Extension extension : Extension.values()) {
      VaRule rule = new VaRule(64, extension);
      for (long va : new long[] {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1L}) {
        assertThat(rule.allows(va)).isTrue();
        assertThat(rule.extend(va)).isEqualTo(va);
      }
    }
  }

  @Test
  void extendKeepsTheLowBitsAndGivesALegalVa() {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("va rule: -Dmemdesc.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 10_000; i++) {
      int bits = 1 + random.nextInt(64);
      VaRule rule = new VaRule(bits, Extension.values()[random.nextInt(3)]);
      long va = random.nextLong();
      long legal = rule.extend(va);
      assertThat((va ^ legal) << (64 - bits)).as("low bits, %s", rule).isZero();
      assertThat(rule.allows(legal)).as("%s of %s", Hex.of(legal), rule).isTrue();
      long above = bits == 64 ? 0 : legal >> bits;
      boolean ones =
          rule.extension() == Extension.ONES
              || (rule.extension() == Extension.SIGN && (va >>> (bits - 1) & 1) != 0);
      long expected = ones ? -1 : 0;
      if (bits < 64) {
        assertThat(above).as("bits above, %s", rule).isEqualTo(expected);
      }
    }
  }
}
