package dev.memdesc.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HexTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0x0000000000000000",
    "10, 0x000000000000000a",
    "81985529216486895, 0x0123456789abcdef",
    "-81985529216486896, 0xfedcba9876543210",
    "-1, 0xffffffffffffffff",
    "-9223372036854775808, 0x8000000000000000",
  })
  void aWordIsPrintedWithSixteenDigits(long word, String text) {
    assertThat(Hex.of(word)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "18446744073709551615, -1",
    "9223372036854775808, -9223372036854775808",
    "0x0, 0",
    "0X1f, 31",
    "0xABCdef, 11259375",
    "0x7f12_3456_7abc, 139716164221628",
    "0xffffffffffffffff, -1",
    "0x8000000000000000, -9223372036854775808",
  })
  void anUnsignedNumberIsRead(String text, long number) {
    assertThat(Hex.parse(text)).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " 1",
        "1 ",
        "-1",
        "+1",
        "0x",
        "0x_",
        "_",
        "0_x5",
        "0x-1",
        "0x+1",
        "0xg",
        "12ab",
        "1.5",
        "18446744073709551616",
        "0x10000000000000000",
        "\u0663",
        "0x\uff11",
      })
  void whatIsNoNumberIsRefused(String text) {
    PageTableException e = catchThrowableOfType(PageTableException.class, () -> Hex.parse(text));
    assertThat(e).as("what parses '%s'", text).isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.SYNTAX);
    assertThat(e)
        .hasMessage("a number is 0x and at most 16 hexadecimal digits, or decimal: text=" + text);
  }

  @Test
  void whatIsPrintedReadsBackAsItself() {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("hex: -Dmemdesc.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 10_000; i++) {
      long word = random.nextLong() >>> random.nextInt(64);
      assertThat(Hex.of(word)).hasSize(18).isEqualTo("0x%016x".formatted(word));
      assertThat(Hex.parse(Hex.of(word))).isEqualTo(word);
      assertThat(Hex.parse(Long.toUnsignedString(word))).isEqualTo(word);
    }
  }
}
