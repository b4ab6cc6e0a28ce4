package dev.memdesc.api.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BitFieldTest {
  @Test
  void valueAndMaskAreWhatBitByBitReadingFinds() {
    long item = 0xdead_beef_1234_5678L;
    for (int low = 0; low < 64; low++) {
      for (int high = low; high < 64; high++) {
        long value = 0;
        long mask = 0;
        for (int bit = low; bit <= high; bit++) {
          value |= (item >>> bit & 1) << (bit - low);
          mask |= 1L << bit;
        }
        BitField field = BitField.of("field", high, low);
        assertThat(field.value(item)).as("bits %d:%d", high, low).isEqualTo(value);
        assertThat(field.mask()).as("bits %d:%d", high, low).isEqualTo(mask);
      }
    }
  }

  @Test
  void aFlagSaysWhatItsBitMeans() {
    BitField present = BitField.flag("P", 0, "not present", "present");
    assertThat(present.high()).isZero();
    assertThat(present.low()).isZero();
    assertThat(present.meaning().apply(present.value(0xfe))).isEqualTo("not present");
    assertThat(present.meaning().apply(present.value(0xff))).isEqualTo("present");
    BitField top = BitField.flag("XD", 63, "fetch", "no fetch");
    assertThat(top.meaning().apply(top.value(Long.MIN_VALUE))).isEqualTo("no fetch");
    assertThat(top.meaning().apply(top.value(Long.MAX_VALUE))).isEqualTo("fetch");
  }

  @Test
  void aPlainFieldHasNoMeaning() {
    assertThat(BitField.of("pa", 51, 12).meaning().apply(5)).isEmpty();
  }
}
