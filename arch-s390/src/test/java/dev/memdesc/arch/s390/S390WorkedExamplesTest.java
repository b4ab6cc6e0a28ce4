package dev.memdesc.arch.s390;

import static dev.memdesc.api.Access.ACCESSED;
import static dev.memdesc.api.Access.DIRTY;
import static dev.memdesc.api.Access.EXECUTE;
import static dev.memdesc.api.Access.READ;
import static dev.memdesc.api.Access.USER;
import static dev.memdesc.api.Access.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Hex;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.tck.TestMachine;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Items, indices and addresses that QEMU's MMU walks, built by the engine where the examples have
 * them: the same words and the same bytes.
 */
final class S390WorkedExamplesTest {
  private static final long VA = 0x0000_015A_1234_5000L;
  private static final long VA5 = 0x1234_5A5A_1234_5000L;
  private static final Attributes RW = Attributes.of(READ, WRITE, USER);
  private static final Attributes RO = Attributes.of(READ, USER);
  private static final Attributes RX = Attributes.of(READ, EXECUTE, USER);

  @RegisterExtension
  private final TestMachine three =
      TestMachine.scripted(new S390Backend(), "s390/3-level", 0x100000, 0x104000, 0x10C000);

  @RegisterExtension
  private final TestMachine five =
      TestMachine.scripted(
          new S390Backend(), "s390/5-level", 0x110000, 0x114000, 0x100000, 0x104000, 0x10C000);

  @RegisterExtension
  private final TestMachine linux =
      TestMachine.scripted(new S390Backend(), "s390/3-level-linux", 0x100000, 0x104000, 0x10C000);

  @Test
  void threeLevelTablesHaveTheWordsOfTheExamples() {
    AddressSpace space = three.space();
    try (Gather gather = space.gather()) {
      space.map(VA, 0x345000, 0x1000, RW, gather);
      space.map(VA + 0x1000, 0x346000, 0x1000, RO, gather);
      space.map(VA + 0x2000, 0x347000, 0x1000, RX, gather);
    }
    assertItem(three, 0x1015A0, "0000000000104007");
    assertItem(three, 0x104918, "000000000010c000");
    assertItem(three, 0x10C228, "0000000000345100");
    assertItem(three, 0x10C230, "0000000000346300");
    assertItem(three, 0x10C238, "0000000000347200");
    assertItem(three, 0x10C240, "0000000000000400");
    // What no va of the example leads to is EMPTY, in each level's pattern.
    assertItem(three, 0x100000, "0000000000000024");
    assertItem(three, 0x103FF8, "0000000000000024");
    assertItem(three, 0x104000, "0000000000000020");
    assertItem(three, 0x107FF8, "0000000000000020");
    assertItem(three, 0x10C7F8, "0000000000000400");
    assertThat(space.translate(VA + 0xABC, three.reader())).isEqualTo(0x345ABC);
    three.with(space, g -> space.protect(VA, 0x1000, RW.with(EXECUTE), g));
    assertItem(three, 0x10C228, "0000000000345000");
  }

  @Test
  void fiveLevelTablesHaveTheWordsOfTheExamples() {
    AddressSpace space = five.space();
    five.with(space, g -> space.map(VA5, 0x345000, 0x1000, RW, g));
    assertItem(five, 0x110000 + 145 * 8, "000000000011400f");
    assertItem(five, 0x114000 + 1302 * 8, "000000000010000b");
    assertItem(five, 0x100000 + 1204 * 8, "0000000000104007");
    assertItem(five, 0x104000 + 291 * 8, "000000000010c000");
    assertItem(five, 0x10C000 + 69 * 8, "0000000000345100");
    assertItem(five, 0x110000, "000000000000002c");
    assertItem(five, 0x114000, "0000000000000028");
    assertThat(space.translate(VA5 | 0xFFF, five.reader())).isEqualTo(0x345FFF);
    assertThat(new S390Backend().activation(five.format(), space.rootPa(), 0).getFirst().value())
        .isEqualTo(0x11000F);
  }

  @Test
  void linuxTablesHaveTheWordsOfTheExamples() {
    AddressSpace space = linux.space();
    Attributes dirty = RW.with(ACCESSED, DIRTY);
    try (Gather gather = space.gather()) {
      space.map(VA, 0x345000, 0x1000, dirty, gather);
      space.map(VA + 0x1000, 0x346000, 0x1000, RO.with(ACCESSED), gather);
      space.map(VA + 0x2000, 0x347000, 0x1000, RX.with(ACCESSED), gather);
    }
    assertItem(linux, 0x1015A0, "0000000000104007");
    assertItem(linux, 0x104918, "000000000010c001");
    assertItem(linux, 0x10C228, "000000000034513d");
    assertItem(linux, 0x10C230, "0000000000346315");
    assertItem(linux, 0x10C238, "0000000000347215");
  }

  static List<Arguments> leaves() {
    TableFormat bare = format("s390/3-level");
    TableFormat linux = format("s390/3-level-linux");
    Attributes dirty = RW.with(ACCESSED, DIRTY);
    return List.of(
        Arguments.of(bare, 0, 0x345000, RW, 0x345100L),
        Arguments.of(bare, 0, 0x345000, RW.with(EXECUTE), 0x345000L),
        Arguments.of(bare, 1, 0x500000, RW, 0x500500L),
        Arguments.of(bare, 1, 0x600000, RX, 0x600600L),
        Arguments.of(bare, 2, 0x80000000L, RW, 0x80000504L),
        Arguments.of(linux, 0, 0x345000, dirty, 0x34513DL),
        Arguments.of(linux, 1, 0x500000, dirty, 0x50F501L),
        // REGION3_KERNEL.
        Arguments.of(linux, 2, 0x80000000L, dirty, 0x8000F505L),
        // RW-clean-young: hardware sees it read-only, so that Linux sees the first store.
        Arguments.of(linux, 0, 0x345000, RW.with(ACCESSED), 0x345000L | 0x300 | 0x35));
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
  void indices() {
    assertThat(indices(format("s390/3-level"), VA)).containsExactly(692, 291, 69);
    assertThat(indices(format("s390/5-level"), VA5)).containsExactly(145, 1302, 1204, 291, 69);
  }

  @Test
  void aPageTableBeginsAtAnyTwoKilobytes() {
    LevelLayout segment = format("s390/3-level").level(1);
    assertThat(segment.tableItem(0x10C800)).isEqualTo(0x10C800);
    assertThat(segment.tablePa().decode(0x10C800)).isEqualTo(0x10C800);
    assertThat(segment.kind(0x10C200)).as("read-only below").isEqualTo(EntryKind.TABLE);
  }

  @Test
  void reservedAndShortAreInvalid() {
    TableFormat format = format("s390/5-level");
    assertThat(format.level(0).kind(0x349800)).isEqualTo(EntryKind.INVALID);
    // A region-third table's entry in another table; a table that is not whole.
    assertThat(format.level(3).kind(0x104007)).isEqualTo(EntryKind.INVALID);
    assertThat(format.level(2).kind(0x104004)).isEqualTo(EntryKind.INVALID);
    assertThat(format.level(2).kind(0x104047)).isEqualTo(EntryKind.INVALID);
  }

  private static void assertItem(TestMachine machine, long pa, String bytes) {
    assertThat(machine.bytes(pa)).as(Hex.of(pa)).isEqualTo(bytes);
    assertThat(machine.item(pa)).isEqualTo(Long.parseUnsignedLong(bytes, 16));
  }

  private static TableFormat format(String name) {
    return S390Format.VARIANTS.stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<Integer> indices(TableFormat format, long va) {
    return IntStream.rangeClosed(0, format.rootLevel())
        .mapToObj(i -> format.level(format.rootLevel() - i).index(va))
        .toList();
  }
}
