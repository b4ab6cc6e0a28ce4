package dev.memdesc.api.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Hex;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class PaFieldTest {
  /** Each field with every bit that a pa in it may have. */
  static Stream<Arguments> fields() {
    return Stream.of(
        Arguments.of("x86 4K", PaField.bits(51, 12), 0x000f_ffff_ffff_f000L),
        Arguments.of("x86 1G", PaField.bits(51, 30), 0x000f_ffff_c000_0000L),
        // pa 51:48 in bits 15:12.
        Arguments.of(
            "arm64 64K granule, 52 bits",
            new PaField(0x0000_ffff_ffff_0000L, 0xf000, 36, 0, 0),
            0x000f_ffff_ffff_0000L),
        // pa 51:50 in bits 9:8.
        Arguments.of(
            "arm64 LPA2",
            new PaField(0x0003_ffff_ffff_f000L, 0x300, 42, 0, 0),
            0x000f_ffff_ffff_f000L),
        // pa 31:20 in place, pa 35:32 in bits 8:5, pa 39:36 in bits 13:10.
        Arguments.of(
            "three runs", new PaField(0xfff0_0000L, 0x1e0, 27, 0x3c00, 26), 0xff_fff0_0000L),
        Arguments.of("every bit", PaField.bits(63, 0), -1L));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void decodeOfEncodeIsThePaAndTouchesOnlyTheField(String name, PaField field, long paMask) {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("pa field " + name + ": -Dmemdesc.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 10_000; i++) {
      long pa = random.nextLong() & paMask;
      long item = field.encode(pa);
      assertThat(item & ~field.itemMask()).as("bits beside the field").isZero();
      assertThat(Hex.of(field.decode(item))).isEqualTo(Hex.of(pa));
      long others = random.nextLong() & ~field.itemMask();
      assertThat(Hex.of(field.decode(item | others))).as("with other bits").isEqualTo(Hex.of(pa));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void everyBitOfThePaHasOneBitOfTheItem(String name, PaField field, long paMask) {
    long items = 0;
    for (int bit = 0; bit < 64; bit++) {
      long pa = 1L << bit & paMask;
      if (pa != 0) {
        long item = field.encode(pa);
        assertThat(Long.bitCount(item)).as("bit %d of %s", bit, name).isEqualTo(1);
        assertThat(items & item).as("bit %d of %s", bit, name).isZero();
        items |= item;
      }
    }
    assertThat(items).isEqualTo(field.itemMask());
    assertThat(field.decode(-1L)).isEqualTo(paMask);
    assertThat(field.encode(paMask)).isEqualTo(field.itemMask());
  }

  @Test
  void splitFieldsAreWhereTheManualHasThem() {
    PaField arm = new PaField(0x0000_ffff_ffff_0000L, 0xf000, 36, 0, 0);
    assertThat(arm.encode(0x000a_1234_5678_0000L)).isEqualTo(0x0000_1234_5678_a000L);
    PaField three = new PaField(0xfff0_0000L, 0x1e0, 27, 0x3c00, 26);
    assertThat(three.encode(0xa5_1230_0000L)).isEqualTo(0x1230_0000L | 5 << 5 | 0xa << 10);
  }

  @Test
  void bitsHighToLowAreBothInclusive() {
    assertThat(PaField.bits(51, 12).itemMask()).isEqualTo(0x000f_ffff_ffff_f000L);
    assertThat(PaField.bits(5, 5).itemMask()).isEqualTo(0x20);
    assertThat(PaField.bits(63, 63).itemMask()).isEqualTo(Long.MIN_VALUE);
    assertThat(PaField.bits(0, 0).itemMask()).isEqualTo(1);
  }

  @Test
  void noFieldHoldsNothing() {
    assertThat(PaField.NONE.itemMask()).isZero();
    assertThat(PaField.NONE.decode(-1L)).isZero();
    assertThat(PaField.NONE.encode(-1L)).isZero();
  }
}
