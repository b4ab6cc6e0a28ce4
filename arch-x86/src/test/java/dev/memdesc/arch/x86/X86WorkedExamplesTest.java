package dev.memdesc.arch.x86;

import static dev.memdesc.api.Access.ACCESSED;
import static dev.memdesc.api.Access.DIRTY;
import static dev.memdesc.api.Access.EXECUTE;
import static dev.memdesc.api.Access.GLOBAL;
import static dev.memdesc.api.Access.READ;
import static dev.memdesc.api.Access.USER;
import static dev.memdesc.api.Access.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
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

/** Items, indices and addresses that QEMU's MMU walks: the same words, to the bit. */
class X86WorkedExamplesTest {
  private static final TableFormat FOUR = X86Format.VARIANTS.get(0);
  private static final TableFormat FIVE = X86Format.VARIANTS.get(1);
  private static final Attributes KERNEL_RWX =
      Attributes.of(READ, WRITE, EXECUTE, GLOBAL, ACCESSED, DIRTY);

  static List<Arguments> leaves() {
    Attributes rw = Attributes.of(READ, WRITE, USER, ACCESSED, DIRTY);
    return List.of(
        Arguments.of("user RW NX A D", 0, 0xABCDE000L, rw, 0x80000000ABCDE067L),
        Arguments.of(
            "user RO NX A",
            0,
            0xABCDF000L,
            Attributes.of(READ, USER, ACCESSED),
            0x80000000ABCDF025L),
        Arguments.of(
            "user RX A",
            0,
            0xABCE0000L,
            Attributes.of(READ, EXECUTE, USER, ACCESSED),
            0x00000000ABCE0025L),
        Arguments.of("2M user RW NX", 1, 0x40200000L, rw, 0x80000000402000E7L),
        Arguments.of("1G user RW NX", 2, 0x80000000L, rw, 0x80000000800000E7L),
        Arguments.of("kernel 2M global RWX", 1, 0x01000000L, KERNEL_RWX, 0x00000000010001E3L),
        Arguments.of(
            "kernel 2M global NX",
            1,
            0x01000000L,
            KERNEL_RWX.without(EXECUTE),
            0x80000000010001E3L),
        Arguments.of(
            "UC MMIO",
            0,
            0xFEC00000L,
            KERNEL_RWX.without(EXECUTE).with(MemoryType.UNCACHED),
            0x80000000FEC0017BL),
        Arguments.of("key 5", 0, 0xABCDE000L, rw.withProtectionKey(5), 0xA8000000ABCDE067L));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("leaves")
  void leafItems(String what, int level, long pa, Attributes attributes, long expected) {
    LevelLayout layout = FOUR.level(level);
    Leaf leaf = layout.leaves().getFirst();
    long item = leaf.pa().encode(pa) | leaf.constant() | FOUR.codec().bits(attributes, level, leaf);

    assertThat(Hex.of(item)).as(what).isEqualTo(Hex.of(expected));
    assertThat(layout.kind(item)).isEqualTo(EntryKind.LEAF);
    assertThat(leaf.pa().decode(item)).isEqualTo(pa);
    assertThat(FOUR.codec().decode(item, level)).isEqualTo(attributes);
    assertThat(layout.accessed().passes(item)).isTrue();
    assertThat(layout.dirty().passes(item)).isEqualTo(attributes.has(DIRTY));
  }

  @Test
  void tableItems() {
    assertThat(FOUR.level(3).tableItem(0x101000)).isEqualTo(0x101007);
    assertThat(FOUR.level(2).tableItem(0x102000)).isEqualTo(0x102007);
    assertThat(FOUR.level(1).tableItem(0x103000)).isEqualTo(0x103007);
    assertThat(FIVE.level(4).tableItem(0x104000)).isEqualTo(0x104007);
    for (int level = 1; level <= FIVE.rootLevel(); level++) {
      LevelLayout layout = FIVE.level(level);
      assertThat(layout.kind(0x101007)).isEqualTo(EntryKind.TABLE);
      assertThat(layout.tablePa().decode(0x101007)).isEqualTo(0x101000);
    }
  }

  @Test
  void indicesAndItemAddresses() {
    long va = 0x00007F12_34567000L;
    assertThat(indices(FOUR, va)).containsExactly(254, 72, 418, 359);
    assertThat(indices(FOUR, 0x7F1234600000L)).containsExactly(254, 72, 419, 0);
    assertThat(indices(FOUR, 0x7F1240000000L)).containsExactly(254, 73, 0, 0);
    assertThat(indices(FOUR, 0xFFFFFFFF81000000L)).containsExactly(511, 510, 8, 0);
    assertThat(indices(FIVE, 0x00AB7F12_34567000L)).containsExactly(171, 254, 72, 418, 359);

    long[] tables = {0x103000, 0x102000, 0x101000, 0x100000};
    long[] items =
        IntStream.range(0, 4)
            .mapToLong(level -> tables[level] + 8L * FOUR.level(level).index(va))
            .toArray();
    assertThat(items).containsExactly(0x103B38, 0x102D10, 0x101240, 0x1007F0);
  }

  @Test
  void kernelsCopyOfAUserEntryIsNotExecutable() {
    TableFormat pti = X86Format.VARIANTS.get(2);
    LevelLayout root = pti.level(pti.rootLevel());

    assertThat(root.table().bytes()).isEqualTo(4096);
    assertThat(root.table().allBytes()).isEqualTo(8192);
    assertThat(root.table().alignLg2()).isEqualTo(13);
    assertThat(root.mirror().endIndex()).isEqualTo(root.index(0xFFFF800000000000L));
    assertThat(root.tableItem(0x101000) | root.mirror().added()).isEqualTo(0x8000000000101007L);
  }

  private static List<Integer> indices(TableFormat format, long va) {
    return IntStream.rangeClosed(0, format.rootLevel())
        .mapToObj(i -> format.level(format.rootLevel() - i).index(va))
        .toList();
  }
}
