package dev.memdesc.arch.powerpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.tck.TestMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What POWER's tables take, and what they refuse. */
final class PowerPcTablesTest {
  private static final Attributes RW = Attributes.USER_DATA;
  private static final long GIB = 1L << 30;
  private static final long MIB = 1L << 20;
  private static final int PAGE = 0x10000;

  @RegisterExtension
  private final TestMachine machine = TestMachine.of(new PowerPcBackend(), "powerpc/radix-64k");

  /**
   * A dense GiB in base pages: how many PTE tables, what VmPTE counts of them, and what they take.
   */
  @ParameterizedTest
  @CsvSource({
    // 512 tables of 256 bytes, two pages of 64 KiB.
    "powerpc/radix-64k, 512, 128, 128",
    "powerpc/radix-4k, 512, 2048, 2048",
    // 16 MiB a table; 2 KiB count, 4 KiB with the slots are allocated.
    "powerpc/hash-64k, 64, 128, 256",
    "powerpc/hash-64k-no-thp, 64, 128, 256",
    "powerpc/hash-4k, 512, 2048, 2048"
  })
  void aDenseGigabyte(String name, int tables, int hardwareKiB, int allocatedKiB) {
    TestMachine dense = TestMachine.of(new PowerPcBackend(), name);
    PageSizes pages = PageSizes.ofLg2(dense.format().frameLg2());
    AddressSpace space = dense.space();
    long before = dense.memdesc().allocator().allocatedBytes();
    dense.with(space, g -> space.map(0x1_0000_0000L, 0, GIB, RW, pages, g));
    TableCounts.Level leaves = space.counts().levels().getFirst();
    assertThat(leaves.linked()).isEqualTo(tables);
    assertThat(leaves.hardwareBytes()).isEqualTo((long) hardwareKiB << 10);
    assertThat(leaves.allocatedBytes()).isEqualTo((long) allocatedKiB << 10);
    long upper =
        space.counts().levels().subList(1, 3).stream()
            .mapToLong(TableCounts.Level::allocatedBytes)
            .map(bytes -> (bytes + dense.format().frameBytes() - 1) & -dense.format().frameBytes())
            .sum();
    assertThat(dense.memdesc().allocator().allocatedBytes() - before)
        .as("whole pages")
        .isEqualTo(((long) allocatedKiB << 10) + upper);
    dense.checkAndClose();
  }

  /** Oracle: a page of 256 tables is held until the last of them is free. */
  @Test
  void aPageOf256TablesIsHeldByItsLast() {
    AddressSpace space = machine.space();
    long none = machine.memdesc().allocator().allocatedBytes();
    // One page in each of 256 spans of 2 MiB: 256 tables.
    for (int i = 0; i < 256; i++) {
      long va = i * 2L * MIB;
      machine.with(space, g -> space.map(va, 0, PAGE, RW, g));
    }
    long full = machine.memdesc().allocator().allocatedBytes();
    assertThat(full - none).as("PTE, PMD and PUD, a page each").isEqualTo(3L * PAGE);
    assertThat(space.counts().levels().getFirst().linked()).isEqualTo(256);
    machine.with(space, g -> space.unmap(0, 255 * 2L * MIB, g));
    assertThat(space.counts().levels().getFirst().allocatedBytes()).isEqualTo(256);
    assertThat(machine.memdesc().allocator().allocatedBytes()).isEqualTo(full);
    // Unlike with Linux's cursor, what was freed is used again: 255 more tables need no page.
    for (int i = 0; i < 255; i++) {
      long va = i * 2L * MIB;
      machine.with(space, g -> space.map(va, 0, PAGE, RW, g));
    }
    assertThat(machine.memdesc().allocator().allocatedBytes()).isEqualTo(full);
  }

  @Test
  void largeLeavesAreTakenWhereTheyFit() {
    AddressSpace space = machine.space();
    machine.with(space, g -> space.map(GIB, GIB, GIB, RW, g));
    machine.with(space, g -> space.map(2 * MIB, 4 * MIB, 2 * MIB, RW, g));
    assertThat(space.counts().levels().getFirst().linked()).isZero();
    assertThat(space.translate(GIB + 0x12345, machine.reader())).isEqualTo(GIB + 0x12345);
    assertThat(space.translate(3 * MIB, machine.reader())).isEqualTo(5 * MIB);
  }

  @Test
  void aHashTreesLargePageHasADeposit() {
    TestMachine hash = TestMachine.of(new PowerPcBackend(), "powerpc/hash-64k");
    AddressSpace space = hash.space();
    hash.with(space, g -> space.map(0, 0, 16 * MIB, RW, g));
    space.deposit(0);
    assertThat(space.counts().deposited()).isEqualTo(1);
    assertThat(space.counts().levels().getFirst().hardwareBytes()).isEqualTo(2048);
    hash.with(space, g -> assertThat(space.unmap(0, 16 * MIB, g)).isEqualTo(16 * MIB));
    assertThat(space.counts().deposited()).isZero();
    hash.checkAndClose();
  }

  @Test
  void rootsOfHashTreesShareAPage() {
    TestMachine hash = TestMachine.of(new PowerPcBackend(), "powerpc/hash-64k");
    for (int i = 0; i < 33; i++) {
      AddressSpace space = hash.space();
      assertThat(space.rootPa() % 2048).isZero();
      assertThat(hash.memdesc().allocator().allocatedBytes()).isEqualTo(i < 32 ? PAGE : 2L * PAGE);
    }
    hash.checkAndClose();
  }

  /** As many bytes as with tables of 4 KiB, not as many tables. */
  @Test
  void rootsOf64KibAreKeptUpTo4Mib() {
    List<AddressSpace> spaces = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      spaces.add(machine.memdesc().newAddressSpace("root " + i));
    }
    assertThat(machine.memdesc().allocator().allocatedBytes()).isEqualTo(100L * PAGE);
    spaces.forEach(AddressSpace::close);
    machine.settle();
    assertThat(machine.memdesc().allocator().allocatedBytes()).isEqualTo(4 * MIB);
  }

  @Test
  void anAddressOutsideTheFormatIsRefused() {
    AddressSpace space = machine.space();
    long end = 1L << 52;
    assertReason(Reason.VA_OUTSIDE_FORMAT, space, g -> space.map(end, 0, PAGE, RW, g));
    long kernel = 0xC000_0000_0000_0000L;
    assertReason(Reason.VA_OUTSIDE_FORMAT, space, g -> space.map(kernel, 0, PAGE, RW, g));
    machine.with(space, g -> space.map(end - PAGE, 0, PAGE, RW, g));
  }

  @Test
  void aBasePageOf4kIsNotOneOf64k() {
    AddressSpace space = machine.space();
    assertReason(Reason.MISALIGNED, space, g -> space.map(0, 0, 0x1000, RW, g));
    assertReason(Reason.MISALIGNED, space, g -> space.map(0x1000, 0, PAGE, RW, g));
    assertReason(Reason.MISALIGNED, space, g -> space.map(0, 0x1000, PAGE, RW, g));
    for (int lg2 : new int[] {12, 20, 24, 34}) {
      PageSizes sizes = PageSizes.ofLg2(lg2);
      long length = Math.max(PAGE, 1L << lg2);
      assertReason(Reason.PAGE_SIZE, space, g -> space.map(0, 0, length, RW, sizes, g));
    }
  }

  @Test
  void aPaBeyondTheEntrysBitsIsRefused() {
    AddressSpace space = machine.space();
    assertReason(Reason.PA_TOO_WIDE, space, g -> space.map(0, 1L << 57, PAGE, RW, g));
    assertReason(Reason.PA_TOO_WIDE, space, g -> space.map(0, (1L << 57) - PAGE, 2L * PAGE, RW, g));
    machine.with(space, g -> space.map(0, (1L << 57) - PAGE, PAGE, RW, g));
    assertThat(space.translate(0, machine.reader())).isEqualTo((1L << 57) - PAGE);
  }

  @Test
  void whatAnEntryCannotSayIsRefused() {
    AddressSpace space = machine.space();
    assertReason(Reason.ATTRIBUTE, space, g -> space.map(0, 0, PAGE, RW.with(Access.GLOBAL), g));
    assertReason(Reason.ATTRIBUTE, space, g -> space.map(0, 0, PAGE, RW.withProtectionKey(1), g));
  }

  private static void assertReason(Reason reason, AddressSpace space, Consumer<Gather> operation) {
    try (Gather gather = space.gather()) {
      assertThatThrownBy(() -> operation.accept(gather))
          .isInstanceOf(PageTableException.class)
          .extracting("reason")
          .isEqualTo(reason);
    }
    assertThat(space.counts().linked()).as("only the root").isEqualTo(1);
  }
}
