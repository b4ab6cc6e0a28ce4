package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.tck.TestMachine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What tables take has closed forms; those that Linux's developers have quoted, on the machine. */
final class X86ClosedFormsTest {
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final PageSizes PAGES = PageSizes.ofLg2(12);

  @RegisterExtension
  private final TestMachine machine = TestMachine.of(new X86Backend(), "x86/4-level");

  /** 50 GiB touched and given back in steps of 2 MiB: 25600 empty PTE tables stay, and 50 PDs. */
  @Test
  void tablesThatAreEmptiedPageByPageStay() {
    AddressSpace space = machine.space();
    try (Gather gather = space.gather()) {
      for (long va = 0; va < 50 * GIB; va += 2 * MIB) {
        space.map(va, 0x1000, 0x1000, Attributes.USER_DATA, gather);
        space.unmap(va, 0x1000, gather);
      }
    }
    assertThat(space.counts().levels().get(0).hardwareBytes()).isEqualTo(102_400 * KIB);
    assertThat(space.counts().levels().get(1).hardwareBytes()).isEqualTo(200 * KIB);
    assertThat(space.counts().levels().get(2).hardwareBytes()).isEqualTo(4 * KIB);
    machine.with(space, g -> space.unmap(0, 50 * GIB, g));
    assertThat(space.counts().hardwareBytes()).as("one PDPT").isEqualTo(4 * KIB);
  }

  /** 590 GiB dense would be 1.15 GiB of PTE tables, 300 GiB for 1500 processes 878.9 GiB: 1/512. */
  @Test
  void denseMappingsTakeAPartIn512() {
    AddressSpace space = machine.space();
    long bytes = 59 * GIB / 10 & -2 * MIB;
    machine.with(space, g -> space.map(0, 0, bytes, Attributes.USER_DATA, PAGES, g));
    long tables = space.counts().levels().getFirst().hardwareBytes();
    assertThat(tables).isEqualTo(bytes / 512);
    assertThat(100 * tables / (double) GIB).isBetween(1.15, 1.16);
    assertThat(1500.0 * 300 * GIB / 512 / GIB).isBetween(878.9, 879.0);
  }

  /** 1 TiB of anonymous huge pages would have 524288 deposited tables, 2 GiB: here a 32nd of it. */
  @Test
  void everyHugePageHasADeposit() {
    AddressSpace space = machine.space();
    long bytes = 32 * GIB;
    machine.with(space, g -> space.map(0, 0, bytes, Attributes.USER_DATA, PageSizes.ofLg2(21), g));
    for (long va = 0; va < bytes; va += 2 * MIB) {
      space.deposit(va);
    }
    assertThat(space.counts().deposited()).isEqualTo(524_288 / 32);
    assertThat(space.counts().levels().getFirst().hardwareBytes()).isEqualTo(2 * GIB / 32);
    machine.with(space, g -> space.unmap(0, bytes, g));
    assertThat(space.counts().deposited()).isZero();
  }
}
