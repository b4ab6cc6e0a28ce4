package dev.memdesc.arch.s390;

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
import dev.memdesc.core.descriptor.KernelSlots;
import dev.memdesc.tck.TestMachine;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What s390's tables take, what they refuse, and what only they have. */
final class S390TablesTest {
  private static final Attributes RW = Attributes.USER_DATA;
  private static final PageSizes PAGES = PageSizes.ofLg2(12);
  private static final long GIB = 1L << 30;

  @RegisterExtension
  private final TestMachine three = TestMachine.of(new S390Backend(), "s390/3-level");

  @ParameterizedTest
  @CsvSource({
    "s390/3-level, 2048", "s390/4-level, 2048", "s390/5-level, 2048",
    "s390/3-level-page, 4096", "s390/3-level-pgste, 4096", "s390/3-level-linux, 4096"
  })
  void aDenseGigabyteTakes1024PageTables(String name, int allocatedKiB) {
    TestMachine machine = TestMachine.of(new S390Backend(), name);
    AddressSpace space = machine.space();
    machine.with(space, g -> space.map(0x100_8000_0000L, 0, GIB, RW, PAGES, g));
    TableCounts.Level pages = space.counts().levels().getFirst();
    assertThat(pages.linked()).isEqualTo(1024);
    assertThat(pages.hardwareBytes()).as("VmPTE").isEqualTo(2048 << 10);
    assertThat(pages.allocatedBytes()).isEqualTo((long) allocatedKiB << 10);
    // One segment table of 16 KiB for 2 GiB; the region tables above it, the root not in VmPTE.
    TableCounts.Level segments = space.counts().levels().get(1);
    assertThat(segments.linked()).isEqualTo(1);
    assertThat(segments.hardwareBytes()).isEqualTo(16384);
    int levels = machine.format().levels().size();
    assertThat(space.counts().hardwareBytes())
        .isEqualTo((2048L << 10) + 16384 + (levels > 3 ? 16384 : 0));
    assertThat(machine.memdesc().allocator().allocatedBytes())
        .isEqualTo(((long) allocatedKiB << 10) + 16384L * (levels - 1));
    machine.checkAndClose();
  }

  @Test
  void twoPageTablesShareAPage() {
    AddressSpace space = three.space();
    long roots = three.memdesc().allocator().allocatedBytes();
    assertThat(roots).isEqualTo(16384);
    three.with(space, g -> space.map(0, 0x1000, 0x1000, RW, g));
    assertThat(three.memdesc().allocator().allocatedBytes()).isEqualTo(roots + 16384 + 4096);
    three.with(space, g -> space.map(0x10_0000, 0x1000, 0x1000, RW, g));
    assertThat(three.memdesc().allocator().allocatedBytes()).isEqualTo(roots + 16384 + 4096);
    three.with(space, g -> space.map(0x20_0000, 0x1000, 0x1000, RW, g));
    assertThat(three.memdesc().allocator().allocatedBytes()).isEqualTo(roots + 16384 + 8192);
  }

  @Test
  void pgstesAreZeroEachTimeAndWhatIsInThemStaysWithTheTable() {
    TestMachine machine = TestMachine.of(new S390Backend(), "s390/3-level-pgste");
    AddressSpace space = machine.space();
    for (int round = 0; round < 3; round++) {
      machine.with(space, g -> space.map(0x10_0000, 0x1000, 0x1000, RW, g));
      long table = machine.item((machine.item(space.rootPa()) & -0x1000L) | 8) & -0x800L;
      assertThat(table & 0xFFF).isZero();
      assertThat(machine.item(table)).isEqualTo(0x1100);
      for (int i = 0; i < 256; i++) {
        assertThat(machine.item(table + 2048 + i * 8L)).as("PGSTE " + i).isZero();
      }
      // What KVM would do: the guest's reference and change bits of page 7.
      machine.memdesc().memory().storeRelease(table + 2048 + 7 * 8, 0x0006_0000_0000_0000L);
      machine.checkValid(space);
      machine.with(space, g -> space.unmap(0, GIB * 2, g));
    }
    machine.checkAndClose();
  }

  @Test
  void largeLeavesAreTakenWhereTheyFit() {
    AddressSpace space = three.space();
    three.with(space, g -> space.map(0x8000_0000L, 0x8000_0000L, 0x8000_0000L, RW, g));
    assertThat(three.item(space.rootPa() + 8)).isEqualTo(0x80000504L);
    three.with(space, g -> space.map(0x10_0000, 0x50_0000, 0x10_0000, RW, g));
    assertThat(space.translate(0x1F_FFFF, three.reader())).isEqualTo(0x5F_FFFF);
    assertThat(space.translate(0xFFFF_FFFFL, three.reader())).isEqualTo(0xFFFF_FFFFL);
    assertThat(space.counts().levels().getFirst().linked()).isZero();
  }

  @Test
  void anAddressOutsideTheFormatIsRefused() {
    AddressSpace space = three.space();
    long end = 1L << 42;
    three.with(space, g -> space.map(end - 0x1000, 0, 0x1000, RW, g));
    // Nothing is there: only map makes the root grow.
    assertReason(Reason.VA_OUTSIDE_FORMAT, space, g -> space.unmap(end, 0x1000, g));
    assertReason(Reason.VA_OUTSIDE_FORMAT, space, g -> space.protect(end, 0x1000, RW, g));
    assertReason(Reason.VA_OUTSIDE_FORMAT, space, g -> space.translate(end, three.reader()));
    assertReason(Reason.VA_OUTSIDE_FORMAT, space, g -> three.format().checkVa(-0x1000L));
  }

  @Test
  void theRootGrowsToFourAndFiveLevels() {
    AddressSpace space = three.space();
    long below = 0x0000_015A_1234_5000L;
    three.with(space, g -> space.map(below, 0x345000, 0x1000, RW, g));
    long old = space.rootPa();
    assertThat(space.counts().hardwareBytes()).isEqualTo(2048 + 16384);

    three.with(space, g -> space.map(0x5A5A_1234_5000L, 0x346000, 0x1000, RW, g));
    assertThat(space.format()).hasToString("s390/4-level");
    assertThat(three.item(space.rootPa())).as("the old root is item 0").isEqualTo(old | 0xB);
    assertThat(three.item(space.rootPa() + 8)).isEqualTo(0x28);
    S390Backend backend = new S390Backend();
    assertThat(backend.activation(space.format(), space.rootPa(), 0).getFirst().value())
        .isEqualTo(space.rootPa() | 0xB);
    // What was the root counts as a PUD now; beside it there is another one.
    assertThat(space.counts().hardwareBytes()).isEqualTo(2 * (2048 + 16384 + 16384));

    long four = space.rootPa();
    three.with(space, g -> space.map(-0x1000L, 0x347000, 0x1000, RW, g));
    assertThat(space.format()).hasToString("s390/5-level");
    assertThat(three.item(space.rootPa())).isEqualTo(four | 0xF);
    assertThat(three.item(space.rootPa() + 8)).isEqualTo(0x2C);
    assertThat(space.translate(below, three.reader())).isEqualTo(0x345000);
    assertThat(space.translate(0x5A5A_1234_5FFFL, three.reader())).isEqualTo(0x346FFF);
    assertThat(space.translate(-1L, three.reader())).isEqualTo(0x347FFF);
    assertThat(space.translate(1L << 53, three.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
  }

  @Test
  void aRangeMayBeginBelowTheBorderAndEndAboveIt() {
    AddressSpace space = three.space();
    long border = 1L << 42;
    three.with(space, g -> space.map(border - 0x20_0000, 0, 0x40_0000, RW, PAGES, g));
    assertThat(space.format()).hasToString("s390/4-level");
    assertThat(space.counts().levels().getFirst().linked()).isEqualTo(4);
    assertThat(space.translate(border - 1, three.reader())).isEqualTo(0x1F_FFFF);
    assertThat(space.translate(border, three.reader())).isEqualTo(0x20_0000);
    three.with(space, g -> assertThat(space.unmap(border - 0x1000, 0x2000, g)).isEqualTo(0x2000));
    assertThat(space.translate(border, three.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
    assertThat(space.translate(border + 0x1000, three.reader())).isEqualTo(0x20_1000);
  }

  @Test
  void fromThreeLevelsToFiveAtOnce() {
    TestMachine linux = TestMachine.of(new S390Backend(), "s390/3-level-linux");
    AddressSpace space = linux.space();
    Attributes dirty = RW.with(Access.ACCESSED, Access.DIRTY);
    linux.with(space, g -> space.map(1L << 63, 0x8000_0000L, 0x8000_0000L, dirty, g));
    assertThat(space.format()).hasToString("s390/5-level-linux");
    assertThat(space.translate(1L << 63, linux.reader())).isEqualTo(0x8000_0000L);
    // Two roots that became tables of no entry but one, and the way to the new leaf.
    assertThat(space.counts().linked()).isEqualTo(5);
    linux.checkAndClose();
  }

  @Test
  void fiveLevelsTranslateEveryAddress() {
    TestMachine five = TestMachine.of(new S390Backend(), "s390/5-level");
    AddressSpace space = five.space();
    five.with(space, g -> space.map(-0x1000L, 0x7000, 0x1000, RW, g));
    five.with(space, g -> space.map(0, 0x9000, 0x1000, RW, g));
    five.with(space, g -> space.map(0x7FFF_FFFF_FFFF_F000L, 0xA000, 0x2000, RW, g));
    assertThat(space.translate(-1L, five.reader())).isEqualTo(0x7FFF);
    assertThat(space.translate(0, five.reader())).isEqualTo(0x9000);
    assertThat(space.translate(1L << 63, five.reader())).isEqualTo(0xB000);
    five.with(space, g -> assertThat(space.unmap(-0x1000L, 0x1000, g)).isEqualTo(0x1000));
    assertReason(Reason.WRAPS, space, g -> space.map(-0x1000L, 0, 0x2000, RW, g));
    five.checkAndClose();
  }

  @Test
  void aLeafSizeThatItLacksIsRefused() {
    AddressSpace space = three.space();
    for (int lg2 : new int[] {14, 16, 21, 30}) {
      PageSizes sizes = PageSizes.ofLg2(lg2);
      assertReason(Reason.PAGE_SIZE, space, g -> space.map(0, 0, 1L << lg2, RW, sizes, g));
    }
  }

  @Test
  void aPaBeyondTheFormatsWidthIsRefused() {
    AddressSpace space = three.space();
    assertReason(Reason.PA_TOO_WIDE, space, g -> space.map(0, 1L << 63, 0x1000, RW, g));
    assertReason(Reason.PA_TOO_WIDE, space, g -> space.map(0, -0x1000L, 0x2000, RW, g));
    long most = Long.MAX_VALUE - 0xFFF;
    assertReason(Reason.PA_TOO_WIDE, space, g -> space.map(0, most, 0x2000, RW, g));
    three.with(space, g -> space.map(0, most, 0x1000, RW, g));
    assertThat(space.translate(0xFFF, three.reader())).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whatAnEntryCannotSayIsRefused() {
    AddressSpace space = three.space();
    for (Attributes attributes :
        new Attributes[] {
          Attributes.KERNEL_DATA,
          RW.with(Access.GLOBAL),
          RW.with(Access.DIRTY),
          RW.withProtectionKey(2),
          RW.withSoftware(0x100)
        }) {
      assertReason(Reason.ATTRIBUTE, space, g -> space.map(0, 0, 0x1000, attributes, g));
    }
  }

  private static void assertReason(Reason reason, AddressSpace space, Consumer<Gather> operation) {
    try (Gather gather = space.gather()) {
      assertThatThrownBy(() -> operation.accept(gather))
          .isInstanceOf(PageTableException.class)
          .hasMessageContaining(": ")
          .extracting("reason")
          .isEqualTo(reason);
    }
    assertThat(space.counts().levels().getFirst().linked()).isLessThanOrEqualTo(4);
  }

  @Test
  void aTableKeepsItsGuestAddressUntilItIsFree() {
    AddressSpace guest = three.space();
    three.with(guest, g -> guest.map(0x4010_0000L, 0x1000, 0x1000, RW, g));
    guest.visitTables(
        (level, va, table) -> ((S390TableDescriptor) table).setGuestAddress(va), three.reader());
    guest.visitTables(
        (level, va, table) -> {
          S390TableDescriptor descriptor = (S390TableDescriptor) table;
          assertThat(descriptor.guestAddress()).isEqualTo(va);
          // In the kernel it would overwrite the back pointer.
          assertThat(KernelSlots.conflicts(descriptor))
              .hasSize(va == 0 ? 0 : 1)
              .allMatch(conflict -> conflict.toString().contains("pt_index"));
        },
        three.reader());
    three.with(guest, g -> guest.unmap(0, GIB * 2, g));
    three.with(guest, g -> guest.map(0x4010_0000L, 0x1000, 0x1000, RW, g));
    guest.visitTables(
        (level, va, table) -> {
          if (level == 0) {
            assertThat(((S390TableDescriptor) table).guestAddress()).isZero();
          }
        },
        three.reader());
  }

  @Test
  void linuxKeepsYoungAndDirtyThroughProtect() {
    TestMachine linux = TestMachine.of(new S390Backend(), "s390/3-level-linux");
    AddressSpace space = linux.space();
    linux.with(space, g -> space.map(0, 0x7000, 0x1000, RW, g));
    long table = linux.item(linux.item(space.rootPa()) & -0x1000L) & -0x800L;
    assertThat(linux.item(table)).as("old: hardware faults").isEqualTo(0x7731);
    assertThat(space.translate(0x123, linux.reader())).isEqualTo(0x7123);
    Attributes young = RW.with(Access.ACCESSED, Access.DIRTY);
    linux.with(space, g -> space.protect(0, 0x1000, young, g));
    assertThat(linux.item(table)).isEqualTo(0x713D);
    linux.with(space, g -> space.protect(0, 0x1000, RW.without(Access.WRITE), g));
    assertThat(linux.item(table)).as("still young and dirty").isEqualTo(0x731D);
    linux.checkAndClose();
  }
}
