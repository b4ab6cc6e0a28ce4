package dev.memdesc.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;

final class AddressRangeTest {
  private static final AddressRange ALL = new AddressRange(0, -1L);
  private static final long MIDDLE = Long.MIN_VALUE;

  @Test
  void aRangeIsItsStartAndItsLastAddress() {
    AddressRange range = AddressRange.of(0x1000, 0x2000);
    assertThat(range).isEqualTo(new AddressRange(0x1000, 0x2fff));
    assertThat(range.length()).isEqualTo(0x2000);
    assertThat(range).hasToString("0x0000000000001000..0x0000000000002fff");
  }

  @Test
  void oneByteIsARange() {
    AddressRange one = AddressRange.of(7, 1);
    assertThat(one).isEqualTo(new AddressRange(7, 7));
    assertThat(one.length()).isEqualTo(1);
    assertThat(one.contains(7)).isTrue();
    assertThat(one.contains(6)).isFalse();
    assertThat(one.contains(8)).isFalse();
  }

  @Test
  void aRangeMayEndAtTheVeryLastAddress() {
    assertThat(AddressRange.of(-0x1000L, 0x1000)).isEqualTo(new AddressRange(-0x1000L, -1L));
    assertThat(AddressRange.lastOf(-1L, 1)).isEqualTo(-1L);
    assertThat(AddressRange.lastOf(0, -1L)).isEqualTo(-2L);
    assertThat(AddressRange.lastOf(1, -1L)).isEqualTo(-1L);
  }

  @Test
  void theWholeOf2To64HasLength0AndContainsEverything() {
    assertThat(ALL.length()).isZero();
    for (long address : new long[] {0, 1, Long.MAX_VALUE, MIDDLE, -1L}) {
      assertThat(ALL.contains(address)).isTrue();
    }
    assertThat(ALL.overlaps(AddressRange.of(MIDDLE, 1))).isTrue();
    assertThat(ALL.overlaps(ALL)).isTrue();
  }

  @Test
  void aRangeThatWrapsIsRefused() {
    PageTableException e = refused(() -> AddressRange.lastOf(-0x1000L, 0x1001));
    assertThat(e.reason()).isEqualTo(Reason.WRAPS);
    assertThat(refused(() -> AddressRange.of(2, -1L)).reason()).isEqualTo(Reason.WRAPS);
    assertThat(refused(() -> new AddressRange(2, 1)).reason()).isEqualTo(Reason.WRAPS);
    assertThat(refused(() -> new AddressRange(MIDDLE, Long.MAX_VALUE)).reason())
        .isEqualTo(Reason.WRAPS);
  }

  @Test
  void aRangeOfNoBytesIsRefused() {
    for (long start : new long[] {0, 0x1000, -1L}) {
      assertThat(refused(() -> AddressRange.of(start, 0)).reason()).isEqualTo(Reason.ZERO_LENGTH);
    }
  }

  @Test
  void bothEdgesAreInsideAndTheirNeighboursAreNot() {
    // Across the middle, where a signed comparison would go wrong.
    AddressRange range = new AddressRange(MIDDLE - 0x1000, MIDDLE + 0xfff);
    assertThat(range.contains(MIDDLE - 0x1000)).isTrue();
    assertThat(range.contains(MIDDLE - 1)).isTrue();
    assertThat(range.contains(MIDDLE)).isTrue();
    assertThat(range.contains(MIDDLE + 0xfff)).isTrue();
    assertThat(range.contains(MIDDLE - 0x1001)).isFalse();
    assertThat(range.contains(MIDDLE + 0x1000)).isFalse();
    assertThat(range.contains(0)).isFalse();
    assertThat(range.contains(-1L)).isFalse();
  }

  @Test
  void rangesThatShareOneAddressOverlapAndRangesThatTouchDoNot() {
    long[] edges = {0, 1, 2, 3, MIDDLE - 1, MIDDLE, MIDDLE + 1, -3L, -2L, -1L};
    for (int a = 0; a < edges.length; a++) {
      for (int b = a; b < edges.length; b++) {
        for (int c = 0; c < edges.length; c++) {
          for (int d = c; d < edges.length; d++) {
            AddressRange one = new AddressRange(edges[a], edges[b]);
            AddressRange other = new AddressRange(edges[c], edges[d]);
            // The edges ascend, so their indexes compare as the addresses do.
            assertThat(one.overlaps(other))
                .as("%s and %s", one, other)
                .isEqualTo(Math.max(a, c) <= Math.min(b, d));
          }
        }
      }
    }
  }

  private static PageTableException refused(Runnable call) {
    PageTableException e = catchThrowableOfType(PageTableException.class, call::run);
    assertThat(e).as("what is refused").isNotNull();
    return e;
  }
}
