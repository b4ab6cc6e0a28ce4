package dev.memdesc.iommu.smmu;

import static dev.memdesc.api.Access.ACCESSED;
import static dev.memdesc.api.Access.DIRTY;
import static dev.memdesc.api.Access.EXECUTE;
import static dev.memdesc.api.Access.GLOBAL;
import static dev.memdesc.api.Access.READ;
import static dev.memdesc.api.Access.USER;
import static dev.memdesc.api.Access.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.tck.TestMachine;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Armv7 short descriptors: the words of io-pgtable, and its selftest. */
final class ShortFormatTest {
  private static final TableFormat FORMAT = SmmuFormatsTest.format("v7s");
  private static final Attributes RO = Attributes.of(READ, USER, ACCESSED, EXECUTE);
  private static final Attributes RW = RO.with(WRITE);
  private static final long GIB = 1L << 30;

  private static long item(int level, int k, Attributes attributes, long pa) {
    Leaf leaf = FORMAT.level(level).leaves().get(k);
    return leaf.pa().encode(pa) | leaf.constant() | FORMAT.codec().bits(attributes, level, leaf);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, rw, 0, 0x0000000000000C7E",
    "0, 0, ro, 0, 0x0000000000000E7E",
    "0, 0, rw-, 0, 0x0000000000000C7F",
    "1, 0, rw, 0, 0x0000000000031C0E",
    "0, 0, rw, 0x77773000, 0x0000000077773C7E",
    "0, 1, rw, 0x77770000, 0x0000000077771C3D",
    "0, 1, rw-, 0x77770000, 0x0000000077779C3D",
    "1, 0, rw-, 0x77700000, 0x0000000077731C1E",
    "1, 0, ro, 0x77700000, 0x0000000077739C0E",
    "1, 1, rw, 0x77000000, 0x0000000077071C0E",
  })
  void leafItems(int level, int k, String rights, String pa, String expected) {
    Attributes attributes = rights.startsWith("rw") ? RW : RO;
    if (rights.endsWith("-")) {
      attributes = attributes.without(EXECUTE);
    }
    long item = item(level, k, attributes, Hex.parse(pa));
    assertThat(Hex.of(item)).isEqualToIgnoringCase(expected);
    assertThat(FORMAT.level(level).kind(item)).isEqualTo(EntryKind.LEAF);
    assertThat(FORMAT.codec().decode(item, level)).isEqualTo(attributes);
  }

  @Test
  void geometry() {
    assertThat(FORMAT.itemBytes()).isEqualTo(4);
    assertThat(FORMAT.leafSizes()).hasToString("4K/64K/1M/16M");
    assertThat(FORMAT.level(0).table().bytes()).isEqualTo(1024);
    assertThat(FORMAT.level(1).table().bytes()).isEqualTo(16384);
    assertThat(FORMAT.level(1).tableItem(0x4000_0400L)).isEqualTo(0x4000_0401L);
    assertThat(FORMAT.level(1).index(0xABC1_2345L)).isEqualTo(0xABC);
    assertThat(FORMAT.level(0).index(0xABC1_2345L)).isEqualTo(0x12);
  }

  @Test
  void registersAreDevices() {
    assertThat(item(0, 0, RW.with(MemoryType.UNCACHED), 0)).isEqualTo(0xC36);
    assertThat(item(0, 0, RW.with(MemoryType.WRITE_COMBINING), 0)).isEqualTo(0xC72);
    for (Attributes wrong :
        List.of(
            RW.with(GLOBAL),
            RW.with(DIRTY),
            RW.withSoftware(1),
            RW.withProtectionKey(1),
            RW.without(READ))) {
      PageTableException refused =
          catchThrowableOfType(PageTableException.class, () -> item(0, 0, wrong, 0));
      assertThat(refused.reason()).as(wrong.toString()).isEqualTo(Reason.ATTRIBUTE);
    }
  }

  /** Four tables of 1 KiB share a frame; sixteen items of a large leaf are alike. */
  @Test
  void tablesShareFramesAndLargeLeavesRepeat() {
    TestMachine machine = TestMachine.of(new SmmuBackend(), FORMAT.name());
    AddressSpace space = machine.space();
    for (int i = 0; i < 4; i++) {
      long va = (long) i << 20;
      machine.with(space, g -> space.map(va, va, 1 << 12, RW, g));
    }
    assertThat(space.counts().linked()).isEqualTo(5);
    assertThat(space.counts().allocatedBytes()).isEqualTo(16384 + 4 * 1024);
    machine.with(space, g -> space.map(16 << 20, 32 << 20, 16 << 20, RW, g));
    long first = space.rootPa() + 16 * 4;
    for (int i = 0; i < 16; i += 2) {
      assertThat(machine.memdesc().memory().loadAcquire(first + 4L * i))
          .isEqualTo(0x0207_1C0E_0207_1C0EL);
    }
    machine.checkAndClose();
  }

  /** Linux's io-pgtable selftest for this format. */
  @Test
  void selftest() {
    TestMachine machine = TestMachine.of(new SmmuBackend(), FORMAT.name());
    AddressSpace space = machine.space();
    for (long iova : new long[] {42, GIB + 42, 2 * GIB + 42}) {
      assertThat(space.translate(iova, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
    }
    List<Integer> sizes = List.of(12, 16, 20, 24);
    long iova = 0;
    for (int sizeLg2 : sizes) {
      long at = iova;
      long size = 1L << sizeLg2;
      machine.with(space, g -> space.map(at, at, size, RW, PageSizes.ofLg2(sizeLg2), g));
      PageTableException overlap =
          catchThrowableOfType(
              PageTableException.class,
              () -> machine.with(space, g -> space.map(at, at + size, size, RW, g)));
      assertThat(overlap.reason()).isEqualTo(Reason.ALREADY_MAPPED);
      assertThat(space.translate(iova + 42, machine.reader())).isEqualTo(iova + 42);
      iova += 16 << 20;
    }
    // A part of the second size, mapped anew to where it was.
    long part = (16 << 20) + (1 << 12);
    machine.with(space, g -> space.unmap(part, 1 << 12, CutLeaf.SPLIT, g));
    assertThat(space.translate(part + 42, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
    assertThat(space.translate(part + 4096, machine.reader())).isEqualTo(part + 4096);
    machine.with(space, g -> space.map(part, part, 1 << 12, RW, g));
    assertThat(space.translate(part + 42, machine.reader())).isEqualTo(part + 42);
    iova = 0;
    for (int sizeLg2 : sizes) {
      long at = iova;
      machine.with(space, g -> assertThat(space.unmap(at, 1L << sizeLg2, g)).isPositive());
      assertThat(space.translate(iova + 42, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
      machine.with(space, g -> space.map(at, at, 1L << sizeLg2, RW, g));
      assertThat(space.translate(iova + 42, machine.reader())).isEqualTo(iova + 42);
      iova += 16 << 20;
    }
    machine.checkAndClose();
  }
}
