package dev.memdesc.arch.s390;

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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class S390CodecTest {
  private static final TableFormat BARE = S390Format.VARIANTS.get(2);
  private static final TableFormat LINUX = S390Format.VARIANTS.getLast();
  private static final Attributes RW = Attributes.USER_DATA;

  @Test
  void variants() {
    assertThat(S390Format.VARIANTS)
        .extracting(TableFormat::name)
        .containsExactly(
            "s390/3-level",
            "s390/4-level",
            "s390/5-level",
            "s390/3-level-page",
            "s390/4-level-page",
            "s390/5-level-page",
            "s390/3-level-pgste",
            "s390/4-level-pgste",
            "s390/5-level-pgste",
            "s390/3-level-linux",
            "s390/4-level-linux",
            "s390/5-level-linux");
    for (TableFormat format : S390Format.VARIANTS) {
      assertThat(format.leafSizes()).hasToString("4K/1M/2G");
      assertThat(format.va().bits()).isIn(42, 53, 64);
      assertThat(format.level(0).table().bytes()).isEqualTo(2048);
      assertThat(format.level(1).table().bytes()).isEqualTo(16384);
      assertThat(format.largest().levels()).hasSize(5);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 256, 4", "1, 128, 8", "2, 128, 8"})
  void whatTheArchitectureCanSayComesBack(int level, int software, int accesses) {
    // A key leaves two software bits; a page has no key and is not common.
    int keys = level == 0 ? 0 : 15;
    assertThat(roundTrips(BARE, level)).isEqualTo(accesses * (software + keys * 4));
  }

  @ParameterizedTest
  @CsvSource({"0, 8", "1, 2", "2, 2"})
  void whatLinuxCanSayComesBack(int level, int software) {
    assertThat(roundTrips(LINUX, level)).isEqualTo(16 * software);
  }

  /** How many combinations of attributes a leaf can have; each comes back. */
  private static int roundTrips(TableFormat format, int level) {
    LevelLayout layout = format.level(level);
    Leaf leaf = layout.leaves().getFirst();
    int seen = 0;
    for (int access = 0; access < 1 << Access.values().length; access++) {
      for (MemoryType type : MemoryType.values()) {
        for (int key = 0; key < 16; key++) {
          for (int software = 0; software < 257; software++) {
            Attributes attributes = new Attributes(access, type, key, software);
            long bits;
            try {
              bits = format.codec().bits(attributes, level, leaf);
            } catch (PageTableException e) {
              assertThat(e.reason()).isEqualTo(Reason.ATTRIBUTE);
              break; // more software bits are refused too
            }
            assertThat(bits & (leaf.pa().itemMask() | leaf.constant())).isZero();
            long item = bits | leaf.constant() | leaf.pa().itemMask();
            assertThat(layout.leafOf(item)).isSameAs(leaf);
            assertThat(layout.kind(item)).isEqualTo(EntryKind.LEAF);
            assertThat(format.codec().decode(item, level)).isEqualTo(attributes);
            seen++;
          }
        }
      }
    }
    return seen;
  }

  @Test
  void whatNoEntryCanSayIsRefusedAndSaysWhy() {
    assertRefused(BARE, 0, Attributes.of(Access.WRITE, Access.USER), "can be read");
    assertRefused(BARE, 0, Attributes.of(Access.READ), "does not know who uses it");
    assertRefused(BARE, 0, RW.with(MemoryType.UNCACHED), "no memory type");
    assertRefused(BARE, 0, RW.with(Access.ACCESSED), "storage key");
    assertRefused(BARE, 1, RW.with(Access.DIRTY), "storage key");
    assertRefused(BARE, 0, RW.with(Access.GLOBAL), "only with its segment");
    assertRefused(BARE, 0, RW.withProtectionKey(3), "only with its segment");
    assertRefused(BARE, 0, RW.withSoftware(0x100), "8 bits to software");
    assertRefused(BARE, 1, RW.withSoftware(0x80), "7 bits to software");
    assertRefused(BARE, 2, RW.withProtectionKey(3).withSoftware(4), "2 with a key");
    assertRefused(LINUX, 0, RW.with(Access.GLOBAL), "shares no leaf");
    assertRefused(LINUX, 1, RW.withProtectionKey(1), "no key");
    assertRefused(LINUX, 0, RW.withSoftware(8), "soft-dirty");
    assertRefused(LINUX, 1, RW.withSoftware(2), "soft-dirty");
  }

  private static void assertRefused(
      TableFormat format, int level, Attributes attributes, String what) {
    Leaf leaf = format.level(level).leaves().getFirst();
    assertThatThrownBy(() -> format.codec().bits(attributes, level, leaf))
        .isInstanceOf(PageTableException.class)
        .hasMessageContaining(what)
        .hasMessageContaining(attributes.toString())
        .extracting("reason")
        .isEqualTo(Reason.ATTRIBUTE);
  }

  @Test
  void commonAndKeyAreBitsOfALargeLeaf() {
    Leaf leaf = BARE.level(1).leaves().getFirst();
    long plain = BARE.codec().bits(RW, 1, leaf);
    assertThat(BARE.codec().bits(RW.with(Access.GLOBAL), 1, leaf) ^ plain).isEqualTo(0x10);
    assertThat(BARE.codec().bits(RW.withProtectionKey(9), 1, leaf) ^ plain).isEqualTo(0x19000);
    assertThat(BARE.codec().bits(RW.withSoftware(0x7C), 1, leaf) ^ plain).isEqualTo(0xF800);
  }

  @ParameterizedTest
  @EnumSource(SoftEntry.Kind.class)
  void softEntriesComeBackAtEveryLevel(SoftEntry.Kind kind) {
    for (TableFormat format : List.of(BARE, LINUX)) {
      for (int level = 0; level <= format.rootLevel(); level++) {
        boolean isPa = kind == SoftEntry.Kind.PROT_NONE;
        long most = isPa ? -1L << S390Format.shift(level) : (1L << 52) - 1;
        long middle = isPa ? 1L << S390Format.shift(level) : 0x123456789AL;
        for (long payload : new long[] {0, middle, most}) {
          SoftEntry entry = new SoftEntry(kind, payload);
          long item = format.codec().soft(entry, level);
          assertThat(format.level(level).kind(item)).isEqualTo(EntryKind.SOFT);
          assertThat(format.codec().decodeSoft(item, level)).isEqualTo(entry);
        }
      }
    }
  }

  @Test
  void softEntriesLookAsLinuxsDo() {
    assertThat(LINUX.codec().soft(new SoftEntry(SoftEntry.Kind.SWAP, 0), 0)).isEqualTo(0x600);
    assertThat(LINUX.codec().soft(new SoftEntry(SoftEntry.Kind.PROT_NONE, 0x345000), 0))
        .isEqualTo(0x345601);
    assertThatThrownBy(() -> LINUX.codec().soft(new SoftEntry(SoftEntry.Kind.SWAP, 1L << 52), 0))
        .hasMessageContaining("at most 52 bits");
    assertThatThrownBy(() -> LINUX.codec().decodeSoft(0x345404, 0))
        .hasMessageStartingWith("a SOFT item is one of memdesc's own: item=0x0000000000345404");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void everyPictureTilesTheItem(int level) {
    long[] items = {
      0x345100,
      0x400,
      0x20,
      0x24,
      0x28,
      0x2C,
      0x601,
      0x345411,
      0x104007,
      0x10400B,
      0x10C001,
      0x50F501,
      0x8000F505L,
      0x19500,
      0,
      -1L,
      0x349800,
      0x620,
      0xFFF
    };
    for (TableFormat format : List.of(BARE, LINUX)) {
      for (long item : items) {
        int next = 63;
        long together = 0;
        for (BitField field : format.codec().picture(item, level)) {
          assertThat(field.high()).as(field.name() + " of " + item).isEqualTo(next);
          assertThat(field.low()).isBetween(0, field.high());
          assertThat(field.name()).isNotBlank();
          assertThat(field.meaning().apply(field.value(item))).isNotBlank();
          together |= field.value(item) << field.low();
          next = field.low() - 1;
        }
        assertThat(next).isEqualTo(-1);
        assertThat(together).isEqualTo(item);
      }
    }
  }

  @Test
  void fieldsSayWhatTheyMean() {
    assertThat(lines(BARE, 0x345100, 0))
        .containsExactly(
            "PFRA: the page of 4K at 0x0000000000345000",
            "reserved: must be zero",
            "I: valid",
            "P: stores allowed",
            "IEP: no fetches",
            "SW: left to software");
    assertThat(lines(BARE, 0x104007, 2))
        .contains("STO: the table of level 1 at 0x0000000000104000", "TL: whole: 4 pages");
    assertThat(lines(BARE, 0x104007, 3)).contains("TT: must be 2: hardware reports an error");
    assertThat(lines(LINUX, 0x50F501, 1)).contains("YOUNG: accessed", "DIRTY: written");
  }

  private static List<String> lines(TableFormat format, long item, int level) {
    return format.codec().picture(item, level).stream()
        .map(field -> field.name() + ": " + field.meaning().apply(field.value(item)))
        .toList();
  }
}
