package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class X86CodecTest {
  private static final X86Codec CODEC = X86Codec.CODEC;
  private static final TableFormat FIVE = X86Format.VARIANTS.get(1);
  private static final int ALL_SOFTWARE = 0x3FF;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void everyAttributeComesBackAtEveryLeafSize(int level) {
    LevelLayout layout = FIVE.level(level);
    Leaf leaf = layout.leaves().getFirst();
    long pa = leaf.pa().itemMask();
    int seen = 0;
    for (int access = 0; access < 1 << Access.values().length; access++) {
      if ((access & Access.READ.bit()) == 0) {
        continue;
      }
      for (MemoryType type : EnumSet.complementOf(EnumSet.of(MemoryType.SNOOPED))) {
        for (int key = 0; key < 16; key++) {
          for (int software : new int[] {0, 1, 4, 8, 0x155, ALL_SOFTWARE}) {
            Attributes attributes = new Attributes(access, type, key, software);
            long bits = CODEC.bits(attributes, level, leaf);
            assertThat(bits & (leaf.pa().itemMask() | leaf.constant())).isZero();
            long item = bits | leaf.constant() | pa;
            assertThat(layout.leafOf(item)).isSameAs(leaf);
            assertThat(CODEC.decode(item, level)).isEqualTo(attributes);
            seen++;
          }
        }
      }
    }
    assertThat(seen).isEqualTo(64 * 6 * 16 * 6);
  }

  @Test
  void everyPatIndexIsReadAsLinuxProgramsIt() {
    MemoryType[] types = new MemoryType[8];
    for (int index = 0; index < 8; index++) {
      long item = (index & 1L) << 3 | (index & 2L) << 3 | (index & 4L) << 5;
      types[index] = CODEC.decode(item | 1, 0).memoryType();
      long large = (index & 1L) << 3 | (index & 2L) << 3 | (index & 4L) << 10;
      assertThat(CODEC.decode(large | 0x81, 1).memoryType()).isEqualTo(types[index]);
    }
    assertThat(types)
        .containsExactly(
            MemoryType.WRITE_BACK,
            MemoryType.WRITE_COMBINING,
            MemoryType.UNCACHED_MINUS,
            MemoryType.UNCACHED,
            MemoryType.WRITE_BACK,
            MemoryType.WRITE_PROTECTED,
            MemoryType.UNCACHED_MINUS,
            MemoryType.WRITE_THROUGH);
  }

  @Test
  void softwareBitsLieWhereTheManualIgnoresThem() {
    Leaf leaf = FIVE.level(0).leaves().getFirst();
    Attributes code = Attributes.USER_CODE;
    long without = CODEC.bits(code, 0, leaf);
    assertThat(CODEC.bits(code.withSoftware(0x007), 0, leaf) ^ without).isEqualTo(0xE00L);
    assertThat(CODEC.bits(code.withSoftware(0x3F8), 0, leaf) ^ without).isEqualTo(0x7FL << 52);
  }

  @Test
  void aPageThatCannotBeReadIsRefused() {
    Leaf leaf = FIVE.level(0).leaves().getFirst();
    Attributes writeOnly = Attributes.of(Access.WRITE, Access.USER);
    assertThatThrownBy(() -> CODEC.bits(writeOnly, 0, leaf))
        .isInstanceOf(PageTableException.class)
        .hasMessage(
            "a present x86 page can be read: attributes=-w- user write-back; "
                + "add READ, or put a SOFT entry of kind PROT_NONE")
        .extracting("reason")
        .isEqualTo(Reason.ATTRIBUTE);
  }

  @Test
  void moreSoftwareBitsThanTheFormatHasAreRefused() {
    Leaf leaf = FIVE.level(0).leaves().getFirst();
    assertThatThrownBy(() -> CODEC.bits(Attributes.USER_DATA.withSoftware(0x400), 0, leaf))
        .isInstanceOf(PageTableException.class)
        .hasMessage(
            "x86 leaves 10 bits to software: software=0x400; "
                + "bits 2:0 are bits 11:9 of the entry, bits 9:3 are 58:52")
        .extracting("reason")
        .isEqualTo(Reason.ATTRIBUTE);
  }

  @ParameterizedTest
  @EnumSource(SoftEntry.Kind.class)
  void softEntriesComeBackAtEveryLevel(SoftEntry.Kind kind) {
    for (int level = 0; level <= FIVE.rootLevel(); level++) {
      int span = X86Format.shift(level);
      long most = kind == SoftEntry.Kind.PROT_NONE ? (1L << 52) - (1L << span) : (1L << 40) - 1;
      long middle = kind == SoftEntry.Kind.PROT_NONE ? 1L << span : 0x123456789AL;
      for (long payload : new long[] {0, middle, most}) {
        SoftEntry entry = new SoftEntry(kind, payload);
        long item = CODEC.soft(entry, level);
        assertThat(FIVE.level(level).kind(item)).isEqualTo(EntryKind.SOFT);
        assertThat(CODEC.decodeSoft(item, level)).isEqualTo(entry);
      }
    }
  }

  @Test
  void payloadsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> CODEC.soft(new SoftEntry(SoftEntry.Kind.SWAP, 1L << 40), 0))
        .hasMessage(
            "the payload of a SOFT entry has at most 40 bits: "
                + "kind=swap, payload=0x0000010000000000");
    assertThatThrownBy(() -> CODEC.soft(new SoftEntry(SoftEntry.Kind.PROT_NONE, 0x1000), 1))
        .hasMessage(
            "a PROT_NONE entry holds the pa of a whole page below 2^52: "
                + "pa=0x0000000000001000, level=1; the pa is a multiple of 0x0000000000200000");
    assertThatThrownBy(() -> CODEC.soft(new SoftEntry(SoftEntry.Kind.PROT_NONE, 1L << 52), 0))
        .isInstanceOf(PageTableException.class)
        .extracting("reason")
        .isEqualTo(Reason.ATTRIBUTE);
  }

  @ParameterizedTest
  @ValueSource(longs = {0x2, 0x80, 0x1000, 0x800, 0x300, 0x8000_0000_0000_0200L, 0x202})
  void anotherKernelsSoftItemsAreNotGuessedAt(long item) {
    assertThat(FIVE.level(0).kind(item)).isEqualTo(EntryKind.SOFT);
    assertThatThrownBy(() -> CODEC.decodeSoft(item, 0))
        .isInstanceOf(PageTableException.class)
        .hasMessageStartingWith("a SOFT item is one of memdesc's own: item=0x")
        .extracting("reason")
        .isEqualTo(Reason.INVALID_ENTRY);
  }

  @Test
  void aSoftItemCutByItsLevelIsNotMemdescs() {
    long item = CODEC.soft(new SoftEntry(SoftEntry.Kind.PROT_NONE, 0x1000), 0);
    assertThatThrownBy(() -> CODEC.decodeSoft(item, 1)).isInstanceOf(PageTableException.class);
  }
}
