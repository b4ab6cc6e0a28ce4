package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class X86FormatTest {
  private static final TableFormat FIVE = X86Format.VARIANTS.get(1);
  private static final long LARGE = 0x81;

  @Test
  void variantsAndTheirGeometry() {
    assertThat(X86Format.VARIANTS)
        .extracting(TableFormat::name)
        .containsExactly(
            "x86/4-level", "x86/5-level", "x86/4-level-pti", "x86/5-level-pti", "x86/pae");
    assertThat(X86Format.VARIANTS)
        .extracting(f -> f.va().bits())
        .containsExactly(48, 57, 48, 57, 32);
    for (TableFormat format : X86Format.VARIANTS) {
      assertThat(format.leafSizes()).hasToString(format.va().bits() == 32 ? "4K/2M" : "4K/2M/1G");
      assertThat(format.paBits()).isEqualTo(52);
    }
    assertThat(FIVE.levels())
        .extracting(LevelLayout::manualName)
        .containsExactly("PT", "PD", "PDPT", "PML4", "PML5");
  }

  @Test
  void vaIsCanonical() {
    TableFormat four = X86Format.VARIANTS.get(0);
    assertThat(four.va().allows(0x00007FFF_FFFFFFFFL)).isTrue();
    assertThat(four.va().allows(0x00008000_00000000L)).isFalse();
    assertThat(four.va().allows(0xFFFF8000_00000000L)).isTrue();
    assertThat(FIVE.va().allows(0x00FFFFFF_FFFFFFFFL)).isTrue();
    assertThat(FIVE.va().allows(0x01000000_00000000L)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aReservedBitOfALargeLeafIsInvalid(int level) {
    LevelLayout layout = FIVE.level(level);
    assertThat(layout.kind(LARGE)).isEqualTo(EntryKind.LEAF);
    for (int bit = 13; bit < layout.shift(); bit++) {
      long item = LARGE | 1L << bit;
      assertThat(layout.kind(item)).as("bit " + bit).isEqualTo(EntryKind.INVALID);
      assertThat(FIVE.codec().picture(item, level))
          .filteredOn(field -> field.meaning().apply(field.value(item)).contains("must be zero: "))
          .hasSize(1);
    }
    for (int bit = layout.shift(); bit < 52; bit++) {
      assertThat(layout.kind(LARGE | 1L << bit)).isEqualTo(EntryKind.LEAF);
    }
    assertThat(layout.kind(LARGE | 1L << 12)).as("PAT").isEqualTo(EntryKind.LEAF);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void pageSizeWhereNoLeafMayBeIsInvalid(int level) {
    assertThat(FIVE.level(level).kind(LARGE)).isEqualTo(EntryKind.INVALID);
    assertThat(FIVE.level(level).kind(1)).isEqualTo(EntryKind.TABLE);
  }

  @Test
  void kindsAtEveryLevel() {
    for (int level = 0; level <= FIVE.rootLevel(); level++) {
      assertThat(FIVE.level(level).kind(0)).isEqualTo(EntryKind.EMPTY);
      assertThat(FIVE.level(level).kind(0x100)).isEqualTo(EntryKind.SOFT);
      assertThat(FIVE.level(level).kind(-2L)).isEqualTo(EntryKind.SOFT);
    }
    // At level 0, bit 7 is PAT.
    assertThat(FIVE.level(0).kind(LARGE)).isEqualTo(EntryKind.LEAF);
    assertThat(FIVE.level(1).kind(0x21)).isEqualTo(EntryKind.TABLE);
  }

  @Test
  void everyPictureTilesTheItem() {
    long swap = X86Codec.CODEC.soft(new SoftEntry(SoftEntry.Kind.SWAP, 7), 0);
    long protNone = X86Codec.CODEC.soft(new SoftEntry(SoftEntry.Kind.PROT_NONE, 0), 0);
    long[] items = {0, 1, LARGE, LARGE | 1 << 13, swap, protNone, -1L, -2L, 0x101007};
    for (int level = 0; level <= FIVE.rootLevel(); level++) {
      for (long item : items) {
        List<BitField> picture = FIVE.codec().picture(item, level);
        int next = 63;
        long together = 0;
        for (BitField field : picture) {
          assertThat(field.high()).as(field.name()).isEqualTo(next);
          assertThat(field.low()).isBetween(0, field.high());
          assertThat(field.name()).isNotBlank();
          assertThat(field.meaning().apply(field.value(item))).isNotNull();
          together |= field.value(item) << field.low();
          next = field.low() - 1;
        }
        assertThat(next).isEqualTo(-1);
        assertThat(together).isEqualTo(item);
      }
    }
  }

  @Test
  void picturesAndMasksAgreeOnTheAddress() {
    for (int level = 0; level <= 2; level++) {
      long item = level == 0 ? 1 : LARGE;
      long mask = FIVE.level(level).leaves().getFirst().pa().itemMask();
      assertThat(paMask(FIVE.codec().picture(item, level))).isEqualTo(mask);
    }
    for (int level = 1; level <= 4; level++) {
      assertThat(paMask(FIVE.codec().picture(1, level)))
          .isEqualTo(FIVE.level(level).tablePa().itemMask());
    }
  }

  @Test
  void fieldsSayWhatTheyMean() {
    long item = 0x80000000FEC0017BL;
    List<String> lines =
        FIVE.codec().picture(item, 0).stream()
            .map(f -> f.name() + ": " + f.meaning().apply(f.value(item)))
            .toList();
    assertThat(lines)
        .contains(
            "XD: no fetches",
            "PA: the page of 4K at 0x00000000fec00000",
            "PCD: uncached (PAT index 3)",
            "G: every address space",
            "P: present");
  }

  private static long paMask(List<BitField> picture) {
    return picture.stream()
        .filter(field -> field.name().equals("PA"))
        .flatMapToLong(field -> LongStream.of(field.mask()))
        .reduce(0, (a, b) -> a | b);
  }
}
