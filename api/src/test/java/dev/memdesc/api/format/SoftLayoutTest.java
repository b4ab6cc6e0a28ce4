package dev.memdesc.api.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.SoftEntry.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoftLayoutTest {
  private static final SoftLayout LAYOUT =
      new SoftLayout(
          31, 12, 8, 0x20, 16, List.of(Kind.GUARD, Kind.SWAP, Kind.PROT_NONE, Kind.MIGRATION));

  @Test
  void entriesComeBack() {
    assertThat(LAYOUT.encode(new SoftEntry(Kind.GUARD, 0))).isEqualTo(0x20);
    assertThat(LAYOUT.encode(new SoftEntry(Kind.SWAP, 0xFFFFF))).isEqualTo(0xFFFFF120L);
    assertThat(LAYOUT.encode(new SoftEntry(Kind.PROT_NONE, 0xABCD0000L))).isEqualTo(0xABCD0220L);
    for (Kind kind : Kind.values()) {
      SoftEntry entry = new SoftEntry(kind, 0x70000);
      assertThat(LAYOUT.decode(LAYOUT.encode(entry))).isEqualTo(entry);
    }
    assertThat(LAYOUT.meaning(2)).isEqualTo("prot none");
  }

  @Test
  void aPayloadThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> LAYOUT.encode(new SoftEntry(Kind.SWAP, 0x100000)))
        .hasMessage(
            "the payload of a SOFT entry fits its field: kind=swap, payload=0x0000000000100000; "
                + "it has at most 20 bits");
    for (long pa : new long[] {0x8000, 1L << 32, 1}) {
      assertThatThrownBy(() -> LAYOUT.encode(new SoftEntry(Kind.PROT_NONE, pa)))
          .isInstanceOf(PageTableException.class)
          .hasMessageEndingWith("the pa is a multiple of 0x0000000000010000")
          .extracting("reason")
          .isEqualTo(Reason.ATTRIBUTE);
    }
  }

  @Test
  void anotherKernelsItemIsNotGuessedAt() {
    for (long item : new long[] {0, 0x21, 0x420, 0x1_0000_0020L, 0x8220}) {
      assertThatThrownBy(() -> LAYOUT.decode(item))
          .isInstanceOf(PageTableException.class)
          .extracting("reason")
          .isEqualTo(Reason.INVALID_ENTRY);
    }
  }
}
