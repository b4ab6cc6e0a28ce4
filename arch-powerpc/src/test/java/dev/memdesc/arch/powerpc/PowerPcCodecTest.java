package dev.memdesc.arch.powerpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PowerPcCodecTest {
  private static final TableFormat RADIX = PowerPcFormat.VARIANTS.get(0);
  private static final Attributes RW = Attributes.USER_DATA;

  @Test
  void variantsAndTheirGeometry() {
    assertThat(PowerPcFormat.VARIANTS)
        .extracting(TableFormat::name)
        .containsExactly(
            "powerpc/radix-64k",
            "powerpc/radix-4k",
            "powerpc/hash-64k",
            "powerpc/hash-64k-no-thp",
            "powerpc/hash-4k");
    assertThat(PowerPcFormat.VARIANTS)
        .extracting(format -> format.leafSizes().toString())
        .containsExactly("64K/2M/1G", "4K/2M/1G", "64K/16M/16G", "64K", "4K");
    assertThat(PowerPcFormat.VARIANTS)
        .extracting(format -> format.va().bits())
        .containsExactly(52, 52, 52, 52, 46);
    assertThat(PowerPcFormat.VARIANTS)
        .extracting(
            format -> format.levels().stream().map(level -> level.table().allBytes()).toList())
        .containsExactly(
            List.of(256, 4096, 4096, 65536),
            List.of(4096, 4096, 4096, 65536),
            List.of(4096, 16384, 16384, 2048),
            List.of(4096, 8192, 8192, 2048),
            List.of(4096, 1024, 4096, 4096));
  }

  @Test
  void whatAnEntryCanSayComesBackAtEveryLeafSize() {
    for (int level = 0; level <= 2; level++) {
      LevelLayout layout = RADIX.level(level);
      Leaf leaf = layout.leaves().getFirst();
      int seen = 0;
      for (int access = 0; access < 1 << Access.values().length; access++) {
        for (MemoryType type : MemoryType.values()) {
          for (int software = 0; software < 17; software++) {
            Attributes attributes = new Attributes(access, type, 0, software);
            long bits;
            try {
              bits = RADIX.codec().bits(attributes, level, leaf);
            } catch (PageTableException e) {
              assertThat(e.reason()).isEqualTo(Reason.ATTRIBUTE);
              continue;
            }
            assertThat(bits & (leaf.pa().itemMask() | leaf.constant())).isZero();
            long item = bits | leaf.constant() | leaf.pa().itemMask();
            assertThat(layout.kind(item)).isEqualTo(EntryKind.LEAF);
            assertThat(RADIX.codec().decode(item, level)).isEqualTo(attributes);
            seen++;
          }
        }
      }
      // Six sets of rights, three without fetches; user, accessed, dirty; 16 software bits.
      assertThat(seen).isEqualTo((6 + 6 + 3) * 8 * 16);
    }
  }

  @Test
  void whatNoEntryCanSayIsRefusedAndSaysWhy() {
    assertRefused(Attributes.of(Access.WRITE, Access.USER), "who may store on POWER may load");
    assertRefused(RW.with(Access.GLOBAL), "no global bit");
    assertRefused(RW.withProtectionKey(1), "no key");
    assertRefused(RW.withSoftware(16), "4 bits to software");
    assertRefused(RW.with(MemoryType.WRITE_THROUGH), "normal, non-idempotent and tolerant");
    assertRefused(
        RW.with(MemoryType.UNCACHED).with(Access.EXECUTE),
        "nothing is fetched from non-idempotent");
  }

  private static void assertRefused(Attributes attributes, String what) {
    assertThatThrownBy(() -> RADIX.codec().bits(attributes, 0, RADIX.level(0).leaves().getFirst()))
        .isInstanceOf(PageTableException.class)
        .hasMessageContaining(what)
        .hasMessageContaining(attributes.toString())
        .extracting("reason")
        .isEqualTo(Reason.ATTRIBUTE);
  }

  @Test
  void rightsAndMemoryTypesAreTheManuals() {
    assertThat(RADIX.codec().decode(0xC000000000000002L, 0).has(Access.READ))
        .as("the right to store implies the right to load")
        .isTrue();
    assertThat(RADIX.codec().decode(0xC000000000000001L, 0))
        .isEqualTo(Attributes.of(Access.EXECUTE, Access.USER));
    assertThat(List.of(0x00, 0x10, 0x20, 0x30))
        .extracting(att -> RADIX.codec().decode(0xC000000000000004L | att, 0).memoryType())
        .containsExactly(
            MemoryType.WRITE_BACK,
            MemoryType.WRITE_BACK,
            MemoryType.UNCACHED,
            MemoryType.WRITE_COMBINING);
    Leaf leaf = RADIX.level(0).leaves().getFirst();
    long none = RADIX.codec().bits(RW, 0, leaf);
    assertThat(RADIX.codec().bits(RW.withSoftware(7), 0, leaf) ^ none).isEqualTo(0xE00);
    assertThat(RADIX.codec().bits(RW.withSoftware(8), 0, leaf) ^ none).isEqualTo(1L << 61);
  }

  @ParameterizedTest
  @EnumSource(SoftEntry.Kind.class)
  void softEntriesComeBackAtEveryLevel(SoftEntry.Kind kind) {
    for (TableFormat format : PowerPcFormat.VARIANTS) {
      for (int level = 0; level <= format.rootLevel(); level++) {
        boolean isPa = kind == SoftEntry.Kind.PROT_NONE;
        long span = 1L << format.level(level).shift();
        for (long payload : new long[] {0, isPa ? span : 77, (1L << (isPa ? 57 : 45)) - span}) {
          if (payload < 0 || (!isPa && payload >>> 45 != 0)) {
            continue;
          }
          SoftEntry entry = new SoftEntry(kind, payload);
          long item = format.codec().soft(entry, level);
          assertThat(format.level(level).kind(item)).isEqualTo(EntryKind.SOFT);
          assertThat(format.codec().decodeSoft(item, level)).isEqualTo(entry);
        }
      }
    }
  }

  @Test
  void payloadsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> RADIX.codec().soft(new SoftEntry(SoftEntry.Kind.SWAP, 1L << 45), 0))
        .hasMessageContaining("at most 45 bits");
    assertThatThrownBy(() -> RADIX.codec().soft(new SoftEntry(SoftEntry.Kind.PROT_NONE, 0x1000), 0))
        .hasMessageContaining("a multiple of 0x0000000000010000");
    assertThatThrownBy(() -> RADIX.codec().decodeSoft(0x1000, 0))
        .isInstanceOf(PageTableException.class)
        .extracting("reason")
        .isEqualTo(Reason.INVALID_ENTRY);
  }

  @Test
  void everyPictureTilesTheItem() {
    long[] items = {
      0,
      -1L,
      1,
      0xC000000000340186L,
      0x8000000000310009L,
      0x4000000000000200L,
      0x8000000000340186L,
      0x4000000000120000L,
      0x2000000000000000L
    };
    for (TableFormat format : PowerPcFormat.VARIANTS) {
      for (int level = 0; level <= format.rootLevel(); level++) {
        for (long item : items) {
          int next = 63;
          long together = 0;
          for (BitField field : format.codec().picture(item, level)) {
            assertThat(field.high()).as(field.name()).isEqualTo(next);
            assertThat(field.low()).isBetween(0, field.high());
            assertThat(field.meaning().apply(field.value(item))).isNotBlank();
            together |= field.value(item) << field.low();
            next = field.low() - 1;
          }
          assertThat(next).isEqualTo(-1);
          assertThat(together).isEqualTo(item);
        }
      }
    }
  }

  @Test
  void fieldsSayWhatTheyMean() {
    assertThat(lines(0xC00000000037018EL, 0))
        .contains(
            "V: valid",
            "L: a leaf",
            "RPN: the page of 64K at 0x0000000000370000",
            "ATT: normal memory",
            "EAA.P: privileged only",
            "EAA.W: loads and stores");
    assertThat(lines(0x8000000000312005L, 1))
        .contains("NLB: the table of level 0 at 0x0000000000312000", "NLS: it has 2^5 items");
    assertThat(lines(0xC000000000000186L, 3)).contains("L: must be clear at this level");
  }

  private static List<String> lines(long item, int level) {
    return RADIX.codec().picture(item, level).stream()
        .map(field -> field.name() + ": " + field.meaning().apply(field.value(item)))
        .toList();
  }
}
