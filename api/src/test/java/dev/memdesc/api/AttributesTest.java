package dev.memdesc.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class AttributesTest {
  @Test
  void theConstantsAllowWhatTheirNamesSay() {
    assertThat(Attributes.USER_DATA).hasToString("rw- user write-back");
    assertThat(Attributes.USER_CODE).hasToString("r-x user write-back");
    assertThat(Attributes.KERNEL_DATA).hasToString("rw- kernel global write-back");
  }

  @ParameterizedTest
  @EnumSource
  void addingAndTakingAwayChangesNothingElse(Access one) {
    Attributes before = new Attributes(0, MemoryType.WRITE_COMBINING, 5, 3);
    Attributes after = before.with(one);
    for (Access any : Access.values()) {
      assertThat(after.has(any)).isEqualTo(any == one);
    }
    assertThat(after).isEqualTo(new Attributes(one.bit(), MemoryType.WRITE_COMBINING, 5, 3));
    assertThat(after.with(one)).isEqualTo(after);
    assertThat(after.without(one)).isEqualTo(before);
    assertThat(before.without(one)).isEqualTo(before);
  }

  @Test
  void everyAccessHasABitOfItsOwn() {
    int all = 0;
    for (Access one : Access.values()) {
      assertThat(Integer.bitCount(one.bit())).isEqualTo(1);
      assertThat(all & one.bit()).isZero();
      all |= one.bit();
    }
    assertThat(all).isEqualTo(0x7f);
    assertThat(Attributes.ofBits(all)).isEqualTo(Attributes.of(Access.values()));
  }

  @Test
  void eachPartIsReplacedAlone() {
    Attributes data = Attributes.USER_DATA;
    int access = data.access();
    assertThat(data.with(MemoryType.UNCACHED))
        .isEqualTo(new Attributes(access, MemoryType.UNCACHED, 0, 0));
    assertThat(data.withProtectionKey(15))
        .isEqualTo(new Attributes(access, MemoryType.WRITE_BACK, 15, 0));
    assertThat(data.withSoftware(6)).isEqualTo(new Attributes(access, MemoryType.WRITE_BACK, 0, 6));
  }

  @Test
  void everythingIsPrinted() {
    assertThat(
            Attributes.of(Access.values())
                .with(MemoryType.UNCACHED_MINUS)
                .withProtectionKey(3)
                .withSoftware(0x1a))
        .hasToString("rwx user global accessed dirty uncached-minus key 3 software 0x1a");
    assertThat(Attributes.of()).hasToString("--- kernel write-back");
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 0", "128, 0, 0", "0, -1, 0", "0, 16, 0", "0, 0, -1"})
  void whatIsOutOfRangeIsRefused(int access, int key, int software) {
    PageTableException e =
        catchThrowableOfType(
            PageTableException.class,
            () -> new Attributes(access, MemoryType.WRITE_BACK, key, software));
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.ATTRIBUTE);
    assertThat(e)
        .hasMessage(
            "access has 7 bits, a protection key 4, software bits are positive: access=%d,"
                + " protectionKey=%d, software=%d",
            access, key, software);
  }

  @ParameterizedTest
  @CsvSource({"127, 15, 2147483647", "0, 0, 0"})
  void theEdgesAreAllowed(int access, int key, int software) {
    Attributes edge = new Attributes(access, MemoryType.UNCACHED, key, software);
    assertThat(edge.access()).isEqualTo(access);
    assertThat(edge.protectionKey()).isEqualTo(key);
    assertThat(edge.software()).isEqualTo(software);
  }
}
