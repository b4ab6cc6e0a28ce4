package dev.memdesc.iommu.intel;

import static dev.memdesc.api.Access.ACCESSED;
import static dev.memdesc.api.Access.DIRTY;
import static dev.memdesc.api.Access.READ;
import static dev.memdesc.api.Access.USER;
import static dev.memdesc.api.Access.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Items, indices and addresses that QEMU's unit walks: the same words, to the bit. */
final class WorkedExamplesTest {
  private static final TableFormat SS_48 = format("intel/ss-48");
  private static final TableFormat SS_39 = format("intel/ss-39");
  private static final TableFormat SS_57 = format("intel/ss-57");
  private static final TableFormat FS_48 = format("intel/fs-48");
  private static final long IOVA = 0x0000_3456_1234_5000L;

  static TableFormat format(String name) {
    return Formats.VARIANTS.stream().filter(one -> one.name().equals(name)).findAny().orElseThrow();
  }

  static List<Arguments> leaves() {
    Attributes rw = Attributes.of(READ, WRITE, USER);
    Attributes first = rw.with(ACCESSED, DIRTY);
    return List.of(
        Arguments.of(SS_48, 0, 0x845000L, rw, 0x0000_0000_0084_5003L),
        Arguments.of(SS_48, 0, 0x846000L, rw.without(WRITE), 0x0000_0000_0084_6001L),
        Arguments.of(SS_48, 0, 0x847000L, rw.without(READ), 0x0000_0000_0084_7002L),
        Arguments.of(SS_48, 1, 0xA00000L, rw, 0x0000_0000_00A0_0083L),
        Arguments.of(SS_48, 2, 0L, rw, 0x0000_0000_0000_0083L),
        Arguments.of(SS_48, 0, 0x845000L, rw.with(MemoryType.SNOOPED), 0x0000_0000_0084_5803L),
        Arguments.of(SS_48, 0, 0x845000L, first, 0x0000_0000_0084_5303L),
        Arguments.of(SS_48, 0, 0x845000L, rw.withSoftware(0x201), 0x2010_0000_0084_5003L),
        // Linux's leaves of the first stage, accessed and dirty from the begin.
        Arguments.of(FS_48, 0, 0x845000L, first, 0x8000_0000_0084_5067L),
        Arguments.of(FS_48, 0, 0x845000L, first.without(WRITE, DIRTY), 0x8000_0000_0084_5025L));
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void leafItems(TableFormat format, int level, long pa, Attributes attributes, long expected) {
    LevelLayout layout = format.level(level);
    Leaf leaf = layout.leaves().getFirst();
    long item =
        leaf.pa().encode(pa) | leaf.constant() | format.codec().bits(attributes, level, leaf);
    assertThat(Hex.of(item)).isEqualTo(Hex.of(expected));
    assertThat(layout.kind(item)).isEqualTo(EntryKind.LEAF);
    assertThat(leaf.pa().decode(item)).isEqualTo(pa);
    assertThat(format.codec().decode(item, level)).isEqualTo(attributes);
  }

  @Test
  void tableItems() {
    assertThat(SS_48.level(3).tableItem(0x201000)).isEqualTo(0x201003);
    assertThat(SS_48.level(2).tableItem(0x202000)).isEqualTo(0x202003);
    assertThat(SS_48.level(1).tableItem(0x203000)).isEqualTo(0x203003);
    assertThat(FS_48.level(3).tableItem(0x201000)).isEqualTo(0x201007);
    // Hardware has noted that it walked through it.
    assertThat(SS_57.level(4).kind(0x201103)).isEqualTo(EntryKind.TABLE);
  }

  @Test
  void indicesAndItemAddresses() {
    assertThat(indices(SS_48, IOVA)).containsExactly(104, 344, 145, 325);
    assertThat(indices(SS_39, 0x56_1234_5000L)).containsExactly(344, 145, 325);
    long[] tables = {0x203000, 0x202000, 0x201000, 0x200000};
    long[] items =
        IntStream.range(0, 4)
            .mapToLong(level -> tables[level] + SS_48.level(level).offset(IOVA))
            .toArray();
    assertThat(items).containsExactly(0x203A28, 0x202488, 0x201AC0, 0x200340);
    assertThat(SS_39.va().allows(1L << 39)).isFalse();
  }

  @Test
  void whatHardwareReportsIsInvalid() {
    // A large leaf that is not aligned, SNP in an entry that leads to a table, PS in the SS-PML4,
    // execution, which is not offered.
    assertThat(SS_48.level(1).kind(0x00A01083)).isEqualTo(EntryKind.INVALID);
    assertThat(SS_48.level(1).kind(0x00201803)).isEqualTo(EntryKind.INVALID);
    assertThat(SS_48.level(3).kind(0x00201083)).isEqualTo(EntryKind.INVALID);
    assertThat(SS_48.level(0).kind(0x00201007)).isEqualTo(EntryKind.INVALID);
    // Legacy mode without snoop control.
    TableFormat plain = SecondStage.format("intel/ss-48", 48, 2, false);
    assertThat(plain.level(0).kind(0x00845803)).isEqualTo(EntryKind.INVALID);
    assertThat(plain.level(2).kind(0x00000083)).isEqualTo(EntryKind.INVALID);
  }

  @Test
  void whatAUnitHasNotIsRefused() {
    TableFormat plain = SecondStage.format("intel/ss-48", 48, 3, false);
    Attributes rw = Attributes.of(READ, WRITE, USER);
    assertThatThrownBy(() -> bits(plain, rw.with(MemoryType.SNOOPED)))
        .hasMessageContaining("SNP is reserved");
    assertThatThrownBy(() -> bits(SS_48, rw.without(USER))).hasMessageContaining("add USER");
    assertThatThrownBy(() -> bits(SS_48, Attributes.of(USER)))
        .hasMessageContaining("can be read or written");
    assertThatThrownBy(() -> bits(SS_48, rw.withSoftware(0x400)))
        .isInstanceOf(PageTableException.class);
    assertThatThrownBy(() -> bits(FS_48, rw.without(USER)))
        .hasMessageContaining("a device's request is a user's");
    assertThatThrownBy(() -> bits(FS_48, rw.with(MemoryType.UNCACHED)))
        .hasMessageContaining("write-back memory without key");
  }

  private static long bits(TableFormat format, Attributes attributes) {
    return format.codec().bits(attributes, 0, format.level(0).leaves().getFirst());
  }

  private static List<Integer> indices(TableFormat format, long va) {
    return IntStream.rangeClosed(0, format.rootLevel())
        .mapToObj(i -> format.level(format.rootLevel() - i).index(va))
        .toList();
  }
}
