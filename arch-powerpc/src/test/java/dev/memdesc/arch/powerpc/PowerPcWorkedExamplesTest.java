package dev.memdesc.arch.powerpc;

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
import dev.memdesc.api.MemoryType;
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
 * Items, indices and addresses that QEMU's MMU walks, built by the engine: the same words and the
 * same bytes. The examples have tables of 4 KiB at neighbouring pages; with pages of 64K such
 * tables share one, so a table lies where its pool has it and is compared there.
 */
final class PowerPcWorkedExamplesTest {
  private static final long VA = 0x0005_A5A5_1234_0000L;
  private static final Attributes RW = Attributes.of(READ, WRITE, USER, ACCESSED, DIRTY);

  @RegisterExtension
  private final TestMachine large =
      TestMachine.scripted(
          new PowerPcBackend(), "powerpc/radix-64k", 0x300000, 0x310000, 0x320000, 0x330000);

  @RegisterExtension
  private final TestMachine small =
      TestMachine.scripted(
          new PowerPcBackend(), "powerpc/radix-4k", 0x320000, 0x331000, 0x332000, 0x333000);

  @Test
  void tablesOf64kPagesHaveTheWordsOfTheExamples() {
    AddressSpace space = large.space();
    Attributes fresh = Attributes.of(READ, WRITE, EXECUTE, USER);
    try (Gather gather = space.gather()) {
      space.map(VA, 0x340000, 0x10000, RW, gather);
      space.map(VA + 0x10000, 0x350000, 0x10000, RW.without(WRITE), gather);
      space.map(VA + 0x20000, 0x360000, 0x10000, fresh, gather);
      space.map(VA + 0x30000, 0x370000, 0x10000, RW.without(USER), gather);
      space.map(0x0005_A5A5_1240_0000L, 0x400000, 0x20_0000, RW, gather);
      space.map(0x0005_A5A5_4000_0000L, 0, 0x4000_0000, RW, gather);
    }
    assertItem(large, 0x305A58, "8000000000310009");
    assertItem(large, 0x3104A0, "8000000000320009");
    assertItem(large, 0x320488, "8000000000330005");
    assertItem(large, 0x3300A0, "c000000000340186");
    assertItem(large, 0x3300A8, "c000000000350184");
    assertItem(large, 0x3300B0, "c000000000360007");
    assertItem(large, 0x3300B8, "c00000000037018e");
    assertItem(large, 0x320490, "c000000000400186");
    assertItem(large, 0x3104A8, "c000000000000186");
    // The table has 32 items; the next of its page is not handed out yet.
    assertItem(large, 0x3300F8, "0000000000000000");
    assertThat(space.translate(VA + 0xABCD, large.reader())).isEqualTo(0x34ABCD);
    assertThat(space.translate(0x0005_A5A5_7FFF_FFFFL, large.reader())).isEqualTo(0x3FFF_FFFF);
  }

  @Test
  void tablesOf4kPagesHaveTheWordsOfTheExamples() {
    AddressSpace space = small.space();
    small.with(space, g -> space.map(VA + 0x5000, 0x345000, 0x1000, RW, g));
    assertItem(small, 0x320000 + 2891 * 8, "8000000000331009");
    assertItem(small, 0x331000 + 148 * 8, "8000000000332009");
    assertItem(small, 0x332000 + 145 * 8, "8000000000333009");
    assertItem(small, 0x333A28, "c000000000345186");
    assertThat(space.translate(VA + 0x5FFF, small.reader())).isEqualTo(0x345FFF);
    // The root takes 16 frames.
    assertThat(small.memdesc().allocator().allocatedBytes()).isEqualTo(65536 + 3 * 4096);
  }

  static List<Arguments> leaves() {
    Attributes device = Attributes.of(READ, WRITE, ACCESSED, DIRTY).with(MemoryType.UNCACHED);
    return List.of(
        Arguments.of(0, 0x340000, RW, 0xC000000000340186L),
        Arguments.of(0, 0x350000, RW.without(WRITE), 0xC000000000350184L),
        Arguments.of(0, 0x360000, Attributes.of(READ, WRITE, EXECUTE, USER), 0xC000000000360007L),
        Arguments.of(
            0,
            0x360000,
            Attributes.of(READ, WRITE, EXECUTE, USER, ACCESSED, DIRTY),
            0xC000000000360187L),
        Arguments.of(0, 0x370000, RW.without(USER), 0xC00000000037018EL),
        Arguments.of(
            0, 0x380000, Attributes.of(READ, EXECUTE, USER, ACCESSED), 0xC000000000380105L),
        Arguments.of(0, 0x390000, device, 0xC0000000003901AEL),
        Arguments.of(1, 0x400000, RW, 0xC000000000400186L),
        Arguments.of(2, 0, RW, 0xC000000000000186L));
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void leafItems(int level, long pa, Attributes attributes, long expected) {
    for (TableFormat format : PowerPcFormat.VARIANTS.subList(0, 2)) {
      LevelLayout layout = format.level(level);
      Leaf leaf = layout.leaves().getFirst();
      long item =
          leaf.pa().encode(pa) | leaf.constant() | format.codec().bits(attributes, level, leaf);
      assertThat(Hex.of(item)).isEqualTo(Hex.of(expected));
      assertThat(layout.kind(item)).isEqualTo(EntryKind.LEAF);
      assertThat(leaf.pa().decode(item)).isEqualTo(pa);
      assertThat(format.codec().decode(item, level)).isEqualTo(attributes);
      assertThat(layout.accessed().passes(item)).isEqualTo(attributes.has(ACCESSED));
      assertThat(layout.dirty().passes(item)).isEqualTo(attributes.has(DIRTY));
    }
  }

  @Test
  void tableItems() {
    TableFormat format = PowerPcFormat.VARIANTS.getFirst();
    assertThat(format.level(3).tableItem(0x310000)).isEqualTo(0x8000000000310009L);
    assertThat(format.level(2).tableItem(0x311000)).isEqualTo(0x8000000000311009L);
    // 32 items of 8 bytes: at any multiple of 256.
    assertThat(format.level(1).tableItem(0x312000)).isEqualTo(0x8000000000312005L);
    assertThat(format.level(1).tableItem(0x312F00)).isEqualTo(0x8000000000312F05L);
    assertThat(format.level(1).tablePa().decode(0x8000000000312F05L)).isEqualTo(0x312F00);
  }

  @Test
  void whatLeadsToAnotherGeometryIsInvalid() {
    TableFormat of64k = PowerPcFormat.VARIANTS.get(0);
    TableFormat of4k = PowerPcFormat.VARIANTS.get(1);
    assertThat(of64k.level(1).kind(0x8000000000312005L)).isEqualTo(EntryKind.TABLE);
    assertThat(of4k.level(1).kind(0x8000000000312005L)).isEqualTo(EntryKind.INVALID);
    assertThat(of4k.level(1).kind(0x8000000000312009L)).isEqualTo(EntryKind.TABLE);
    assertThat(of64k.level(1).kind(0x8000000000312009L)).isEqualTo(EntryKind.INVALID);
    assertThat(of64k.level(2).kind(0x8000000000312109L))
        .as("not at 4K")
        .isEqualTo(EntryKind.INVALID);
    assertThat(of64k.level(1).kind(0x8000000000312025L)).isEqualTo(EntryKind.INVALID);
    // Nothing above the PUD is a leaf, everything in a PTE table is one.
    assertThat(of64k.level(3).kind(0xC000000000000186L)).isEqualTo(EntryKind.INVALID);
    assertThat(of64k.level(0).kind(0x8000000000340186L)).isEqualTo(EntryKind.INVALID);
    assertThat(of64k.level(0).kind(0xC000000000341186L)).isEqualTo(EntryKind.INVALID);
    assertThat(of4k.level(0).kind(0xC000000000341186L)).isEqualTo(EntryKind.LEAF);
  }

  @Test
  void indices() {
    assertThat(indices(PowerPcFormat.VARIANTS.get(0), VA)).containsExactly(2891, 148, 145, 20);
    assertThat(indices(PowerPcFormat.VARIANTS.get(1), VA + 0x5000))
        .containsExactly(2891, 148, 145, 325);
  }

  private static void assertItem(TestMachine machine, long pa, String bytes) {
    assertThat(machine.bytes(pa)).as(Hex.of(pa)).isEqualTo(bytes);
    assertThat(machine.item(pa)).isEqualTo(Long.parseUnsignedLong(bytes, 16));
  }

  private static List<Integer> indices(TableFormat format, long va) {
    return IntStream.rangeClosed(0, format.rootLevel())
        .mapToObj(i -> format.level(format.rootLevel() - i).index(va))
        .toList();
  }
}
