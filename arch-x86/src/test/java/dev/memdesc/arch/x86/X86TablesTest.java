package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.spi.RegisterValue;
import dev.memdesc.tck.TestMachine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The worked examples, built by the engine: the tables lie where the examples have them, so every
 * word of every table on the way is compared at its address.
 */
final class X86TablesTest {
  private static final long VA = 0x7F12_3456_7000L;
  private static final Attributes RW = Attributes.USER_DATA.with(Access.ACCESSED, Access.DIRTY);
  private static final PageSizes ONLY_4K = PageSizes.ofLg2(12);

  @RegisterExtension
  private final TestMachine four =
      TestMachine.scripted(new X86Backend(), "x86/4-level", 0x100000, 0x101000, 0x102000, 0x103000);

  @RegisterExtension
  private final TestMachine five =
      TestMachine.scripted(
          new X86Backend(), "x86/5-level", 0x100000, 0x104000, 0x101000, 0x102000, 0x103000);

  @RegisterExtension
  private final TestMachine pti =
      TestMachine.scripted(
          new X86Backend(), "x86/4-level-pti", 0x100000, 0x103000, 0x104000, 0x105000);

  @Test
  void fourLevelTablesHaveTheWordsOfTheExamples() {
    AddressSpace space = four.space();
    try (Gather gather = space.gather()) {
      space.map(VA, 0xABCDE000L, 0x1000, RW, gather);
      Attributes readOnly = Attributes.of(Access.READ, Access.USER, Access.ACCESSED);
      space.map(VA + 0x1000, 0xABCDF000L, 0x1000, readOnly, gather);
      Attributes code = Attributes.USER_CODE.with(Access.ACCESSED);
      space.map(VA + 0x2000, 0xABCE0000L, 0x1000, code, gather);
      space.map(0x7F12_3460_0000L, 0x4020_0000L, 0x20_0000, RW, gather);
      space.map(0x7F12_4000_0000L, 0x8000_0000L, 0x4000_0000, RW, gather);
    }
    assertThat(space.rootPa()).isEqualTo(0x100000);
    assertThat(four.item(0x1007F0)).isEqualTo(0x101007);
    assertThat(four.bytes(0x1007F0)).as("in memory").isEqualTo("0710100000000000");
    assertThat(four.bytes(0x103B38)).isEqualTo("67e0cdab00000080");
    assertThat(four.item(0x101240)).isEqualTo(0x102007);
    assertThat(four.item(0x102D10)).isEqualTo(0x103007);
    assertThat(four.item(0x103B38)).isEqualTo(0x80000000ABCDE067L);
    assertThat(four.item(0x103B40)).isEqualTo(0x80000000ABCDF025L);
    assertThat(four.item(0x103B48)).isEqualTo(0x00000000ABCE0025L);
    assertThat(four.item(0x102D18)).isEqualTo(0x80000000402000E7L);
    assertThat(four.item(0x101248)).isEqualTo(0x80000000800000E7L);
    assertThat(space.translate(VA + 0xABC, four.reader())).isEqualTo(0xABCDEABCL);
    assertThat(space.translate(0x7F12_3467_89ABL, four.reader())).isEqualTo(0x4027_89ABL);
    assertThat(space.translate(0x7F12_7FFF_FFFFL, four.reader())).isEqualTo(0xBFFF_FFFFL);
  }

  @Test
  void aProtectionKeyIsInTheItem() {
    AddressSpace space = four.space();
    four.with(space, g -> space.map(VA, 0xABCDE000L, 0x1000, RW.withProtectionKey(5), g));
    assertThat(four.item(0x103B38)).isEqualTo(0xA8000000ABCDE067L);
  }

  @Test
  void kernelAddressesUseTheUpperHalf() {
    AddressSpace space = four.space();
    Attributes code =
        Attributes.of(
            Access.READ,
            Access.WRITE,
            Access.EXECUTE,
            Access.GLOBAL,
            Access.ACCESSED,
            Access.DIRTY);
    four.with(space, g -> space.map(0xFFFF_FFFF_8100_0000L, 0x0100_0000, 0x20_0000, code, g));
    // PML4 511, PDPT 510, PD 8.
    assertThat(four.item(0x100000 + 511 * 8)).isEqualTo(0x101007);
    assertThat(four.item(0x101000 + 510 * 8)).isEqualTo(0x102007);
    assertThat(four.item(0x102000 + 8 * 8)).isEqualTo(0x10001E3);
    four.with(
        space,
        g -> space.protect(0xFFFF_FFFF_8100_0000L, 0x20_0000, code.without(Access.EXECUTE), g));
    assertThat(four.item(0x102000 + 8 * 8)).isEqualTo(0x80000000010001E3L);
  }

  @Test
  void deviceMemoryIsUncached() {
    AddressSpace space = four.space();
    Attributes device =
        Attributes.KERNEL_DATA.with(Access.ACCESSED, Access.DIRTY).with(MemoryType.UNCACHED);
    four.with(space, g -> space.map(0xFFFF_C900_0000_0000L, 0xFEC0_0000L, 0x1000, device, g));
    assertThat(four.item(0x103000)).isEqualTo(0x80000000FEC0017BL);
  }

  @Test
  void fiveLevelTablesHaveTheWordsOfTheExamples() {
    AddressSpace space = five.space();
    five.with(space, g -> space.map(0x00AB_7F12_3456_7000L, 0xABCDE000L, 0x1000, RW, g));
    assertThat(five.item(0x100558)).isEqualTo(0x104007);
    assertThat(five.item(0x1047F0)).isEqualTo(0x101007);
    assertThat(five.item(0x101240)).isEqualTo(0x102007);
    assertThat(five.item(0x102D10)).isEqualTo(0x103007);
    assertThat(five.item(0x103B38)).isEqualTo(0x80000000ABCDE067L);
  }

  @Test
  void pageTableIsolationKeepsUserEntriesTwiceAndTheKernelsCopyIsNotExecutable() {
    AddressSpace space = pti.space();
    pti.with(space, g -> space.map(VA, 0xABCDE000L, 0x1000, RW, g));
    assertThat(pti.item(0x1007F0)).as("kernel's copy").isEqualTo(0x8000000000103007L);
    assertThat(pti.item(0x1017F0)).as("user's copy").isEqualTo(0x0000000000103007L);
    assertThat(space.translate(VA, pti.reader())).isEqualTo(0xABCDE000L);
    assertThat(space.counts().levels().getLast().allocatedBytes()).isEqualTo(8192);
    assertThat(new X86Backend().activation(pti.format(), space.rootPa(), 0))
        .contains(new RegisterValue("CR3", 0x100000), new RegisterValue("CR3.user", 0x101000));
    pti.with(space, g -> space.unmap(0, 1L << 47, g));
    assertThat(pti.item(0x1007F0)).isZero();
    assertThat(pti.item(0x1017F0)).isZero();
  }

  @Test
  void pageTableIsolationKeepsKernelEntriesOnce() {
    AddressSpace space = pti.space();
    pti.with(
        space,
        g -> space.map(0xFFFF_8880_0000_0000L, 0x1000, 0x1000, Attributes.KERNEL_DATA, ONLY_4K, g));
    int index = 0x111; // bits 47:39 of the va
    assertThat(pti.item(0x100000 + index * 8)).isEqualTo(0x103007);
    assertThat(pti.item(0x101000 + index * 8)).isZero();
  }

  @Test
  void aProcessWithPageTableIsolationAndNothingMappedHasAnEightKilobyteRootAndNoVmPte() {
    AddressSpace space = pti.space();
    assertThat(space.counts().allocatedBytes()).isEqualTo(8192);
    assertThat(space.counts().hardwareBytes()).isZero();
  }
}
