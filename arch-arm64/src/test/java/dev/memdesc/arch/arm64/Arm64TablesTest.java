package dev.memdesc.arch.arm64;

import static dev.memdesc.arch.arm64.Arm64WorkedExamplesTest.attributes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.tck.TestMachine;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of arm64 in memory, what they take and what they refuse. */
final class Arm64TablesTest {
  private static final Attributes RW = attributes("rwua");
  private static final long GIB = 1L << 30;

  @RegisterExtension
  private final TestMachine machine = TestMachine.of(new Arm64Backend(), "arm64/4k-48");

  @Test
  void theWorkedExampleWordByWordAndByteByByte() {
    TestMachine scripted =
        TestMachine.scripted(
            new Arm64Backend(), "arm64/4k-48", 0x1000000, 0x1001000, 0x1002000, 0x1003000);
    AddressSpace space = scripted.space();
    long va = 0x7F1234567000L;
    scripted.with(
        space,
        gather -> {
          space.map(va, 0xABCDE000L, 0x1000, RW, gather);
          space.map(va + 0x1000, 0xABCDF000L, 0x1000, attributes("rua"), gather);
          space.map(0x7F1234600000L, 0x40200000L, 2 << 20, RW, gather);
          space.map(0x7F1240000000L, 0x80000000L, GIB, RW, gather);
        });
    assertThat(space.rootPa()).isEqualTo(0x1000000);
    assertThat(scripted.bytes(0x10007F0)).isEqualTo("0310000100000000");
    assertThat(scripted.item(0x10007F0)).isEqualTo(0x1001003);
    assertThat(scripted.item(0x1001240)).isEqualTo(0x1002003);
    assertThat(scripted.item(0x1002D10)).isEqualTo(0x1003003);
    assertThat(scripted.item(0x1003B38)).isEqualTo(0x00600000ABCDEF43L);
    assertThat(scripted.bytes(0x1003B38)).isEqualTo("43efcdab00006000");
    assertThat(scripted.item(0x1003B40)).isEqualTo(0x00600000ABCDFFC3L);
    assertThat(scripted.item(0x1002D18)).isEqualTo(0x0060000040200F41L);
    assertThat(scripted.item(0x1001248)).isEqualTo(0x0060000080000F41L);
    scripted.checkAndClose();
  }

  @Test
  void aContiguousGroupIsSixteenItems() {
    AddressSpace space = machine.space();
    long va = 0x7F1234570000L;
    machine.with(space, g -> space.map(va, 0x80010000L, 0x10000, RW, g));
    long table = table(space, va);
    for (int i = 0; i < 16; i++) {
      assertThat(machine.item(table + (0x170 + i) * 8L))
          .isEqualTo(0x0070000080010F43L + i * 0x1000L);
    }
    assertThat(space.lookup(va + 0x5123, machine.reader()).orElseThrow().range().length())
        .isEqualTo(0x10000);
    machine.with(
        space,
        g -> assertThat(space.unmap(va + 0x5000, 0x1000, CutLeaf.SPLIT, g)).isEqualTo(0x1000));
    assertThat(machine.item(table + 0x170 * 8L)).isEqualTo(0x0060000080010F43L);
    assertThat(machine.item(table + 0x175 * 8L)).isZero();
    assertThat(machine.item(table + 0x17F * 8L)).isEqualTo(0x006000008001FF43L);
  }

  private long table(AddressSpace space, long va) {
    long table = space.rootPa();
    for (int level = 3; level > 0; level--) {
      long item = machine.item(table + machine.format().level(level).offset(va));
      table = machine.format().level(level).tablePa().decode(item);
    }
    return table;
  }

  @ParameterizedTest
  @CsvSource({
    "4k-48, 0x40000000, 32M", "16k-48, 0x40000000, 1G", "64k-48, 0x400000000, 16G",
    "4k-52, 0x8000000000, 512G", "16k-52, 0x1000000000, 64G", "64k-52, 0x40000000000, 4T",
    "4k-48, 0x400000000, 16G"
  })
  void theLargestLeafIsTaken(String variant, String va, String size) {
    TestMachine other = TestMachine.of(new Arm64Backend(), "arm64/" + variant);
    AddressSpace space = other.space();
    long at = Hex.parse(va);
    int sizeLg2 =
        java.util.stream.IntStream.range(0, 64)
            .filter(lg2 -> PageSizes.name(lg2).equals(size))
            .findFirst()
            .orElseThrow();
    other.with(space, g -> space.map(at, at, 1L << sizeLg2, RW, g));
    assertThat(space.lookup(at, other.reader()).orElseThrow().range().length())
        .isEqualTo(1L << sizeLg2);
    assertThat(space.translate(at + 0x123456, other.reader())).isEqualTo(at + 0x123456);
    other.checkAndClose();
  }

  @Test
  void hardwaresDirtyStateSurvivesProtectAndSplit() {
    TestMachine dbm = TestMachine.of(new Arm64Backend(), "arm64/4k-48-dbm");
    AddressSpace space = dbm.space();
    dbm.with(space, g -> space.map(GIB, GIB, 2 << 20, attributes("rwu"), g));
    long root = dbm.item(space.rootPa()) & 0xFFFF_FFFF_F000L;
    long block = (dbm.item(root + 8) & 0xFFFF_FFFF_F000L);
    assertThat(dbm.item(block)).isEqualTo(0x0068000040000BC1L);
    // What hardware does at the first store.
    dbm.memdesc().memory().storeRelease(block, 0x0068000040000F41L);
    dbm.with(space, g -> space.protect(GIB, 2 << 20, attributes("ru"), g));
    assertThat(dbm.item(block)).as("bit 55 remembers").isEqualTo(0x00E0000040000FC1L);
    dbm.with(space, g -> space.unmap(GIB, 0x1000, CutLeaf.SPLIT, g));
    Attributes rest = space.lookup(GIB + 0x1000, dbm.reader()).orElseThrow().attributes();
    assertThat(rest).isEqualTo(attributes("ruad"));
    dbm.checkAndClose();
  }

  @Test
  void rootsOfSixteenBytesShareAPage() {
    TestMachine small = TestMachine.of(new Arm64Backend(), "arm64/16k-48");
    AddressSpace first = small.space();
    AddressSpace second = small.space();
    assertThat(first.rootPa() & -0x4000L).isEqualTo(second.rootPa() & -0x4000L);
    assertThat(Math.abs(first.rootPa() - second.rootPa())).isEqualTo(16);
    assertThat(first.counts().allocatedBytes()).isEqualTo(16);
    small.checkAndClose();
  }

  @Test
  void rootsOfEightKibibytesShareAPageOfSixtyFour() {
    TestMachine small = TestMachine.of(new Arm64Backend(), "arm64/64k-52");
    for (int i = 0; i < 8; i++) {
      small.space();
    }
    assertThat(small.memdesc().allocator().allocatedBytes()).isEqualTo(65536);
    small.checkAndClose();
  }

  @Test
  void concatenatedTablesAreOneBlockAlignedToItsSize() {
    TestMachine stageTwo = TestMachine.of(new Arm64Backend(), "arm64/s2-16k-40");
    AddressSpace space = stageTwo.space();
    assertThat(space.counts().allocatedBytes()).isEqualTo(16 * 16384);
    assertThat(space.rootPa() & (16 * 16384 - 1)).isZero();
    stageTwo.with(space, g -> space.map(0xAB12344000L, 0x77770000L, 0x4000, RW, g));
    assertThat(stageTwo.item(space.rootPa() + 21897 * 8L) & 3).isEqualTo(3);
    stageTwo.checkAndClose();
  }

  @Test
  void whatTheFormatCannotSayIsRefused() {
    AddressSpace space = machine.space();
    refused(Reason.VA_OUTSIDE_FORMAT, space, g -> space.map(1L << 48, 0, 0x1000, RW, g));
    refused(Reason.PA_TOO_WIDE, space, g -> space.map(0, 1L << 48, 0x1000, RW, g));
    refused(Reason.PAGE_SIZE, space, g -> space.map(0, 0, 1L << 39, RW, PageSizes.ofLg2(39), g));
    refused(Reason.ATTRIBUTE, space, g -> space.map(0, 0, 0x1000, attributes("wu"), g));
    for (MemoryType type :
        new MemoryType[] {MemoryType.WRITE_PROTECTED, MemoryType.UNCACHED_MINUS}) {
      refused(Reason.ATTRIBUTE, space, g -> space.map(0, 0, 0x1000, RW.with(type), g));
    }
    refused(Reason.ATTRIBUTE, space, g -> space.map(0, 0, 0x1000, RW.withProtectionKey(1), g));
    refused(Reason.ATTRIBUTE, space, g -> space.map(0, 0, 0x1000, RW.withSoftware(8), g));
    assertThat(space.counts().linked()).isEqualTo(1);
  }

  @Test
  void theUpperHalfIsAnotherSpace() {
    TestMachine upper = TestMachine.of(new Arm64Backend(), "arm64/4k-48-ttbr1");
    AddressSpace space = upper.space();
    long va = 0xFFFF_8000_1234_5000L;
    upper.with(space, g -> space.map(va, 0x5000, 0x1000, RW, g));
    upper.with(space, g -> space.map(-0x1000L, 0x6000, 0x1000, RW, g));
    assertThat(space.translate(va | 0x123, upper.reader())).isEqualTo(0x5123);
    assertThat(space.translate(-1L, upper.reader())).isEqualTo(0x6FFF);
    assertThat(
            catchThrowableOfType(
                    PageTableException.class, () -> space.translate(0x5000, upper.reader()))
                .getMessage())
        .startsWith("a va has all bits above bit 47: va=0x0000000000005000");
    upper.checkAndClose();
  }

  @Test
  void stageTwoIsForEverybody() {
    TestMachine stageTwo = TestMachine.of(new Arm64Backend(), "arm64/s2-4k-40");
    AddressSpace space = stageTwo.space();
    for (Attributes bad : new Attributes[] {attributes("rw"), RW.with(Access.GLOBAL)}) {
      assertThat(
              catchThrowableOfType(
                      PageTableException.class,
                      () -> stageTwo.with(space, g -> space.map(0, 0, 0x1000, bad, g)))
                  .reason())
          .isEqualTo(Reason.ATTRIBUTE);
    }
    stageTwo.checkAndClose();
  }

  private void refused(Reason reason, AddressSpace space, Consumer<Gather> operation) {
    assertThat(
            catchThrowableOfType(PageTableException.class, () -> machine.with(space, operation))
                .reason())
        .isEqualTo(reason);
  }
}
