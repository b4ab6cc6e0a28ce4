package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.tck.TestMachine;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the operations of an address space do, and what they refuse. */
final class X86OperationsTest {
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final Attributes RW = Attributes.USER_DATA;

  @RegisterExtension
  private final TestMachine machine = TestMachine.of(new X86Backend(), "x86/4-level");

  private final AddressSpace space = machine.space();
  private final Gather gather = space.gather();

  /** Flushes, and waits until what was freed is free. */
  private void flush() {
    gather.flush();
    machine.settle();
  }

  @AfterEach
  void closeTheGather() {
    gather.close();
  }

  @Test
  void aMapUsesTheLargestLegalLeaves() {
    // The oracle of the kernel's selftests: 20 leaves, 14 of 2M, 3 of 1G, 3 of 2M.
    long va = 0x3fe400000L;
    space.map(va, va, 0x4c0600000L - va, RW, gather);
    List<Integer> sizes = leafSizes(0, 1L << 47);
    assertThat(sizes).hasSize(20);
    assertThat(sizes.subList(0, 14)).containsOnly(21);
    assertThat(sizes.subList(14, 17)).containsOnly(30);
    assertThat(sizes.subList(17, 20)).containsOnly(21);
  }

  private List<Integer> leafSizes(long va, long length) {
    List<Integer> sizes = new ArrayList<>();
    AddressRange range = AddressRange.of(va, length);
    space.visit(
        range,
        (run, pa, sizeLg2, attributes) -> {
          for (long done = 0; done < run.length(); done += 1L << sizeLg2) {
            sizes.add(sizeLg2);
          }
        },
        machine.reader());
    return sizes;
  }

  @Test
  void theSizesAskedForBoundTheLeaves() {
    space.map(GIB, GIB, 4 * MIB, RW, PageSizes.ofLg2(12), gather);
    assertThat(leafSizes(GIB, 4 * MIB)).hasSize(1024).containsOnly(12);
    assertThat(space.counts().levels().getFirst().linked()).isEqualTo(2);
  }

  @Test
  void aTableInUseMakesLeavesSmaller() {
    space.map(GIB, 0, 4 * KIB, RW, gather);
    space.map(GIB + 4 * KIB, 2 * GIB + 4 * KIB, 2 * MIB - 4 * KIB, RW, gather);
    refused(
        Reason.ALREADY_MAPPED,
        () -> space.map(GIB, 2 * GIB, 2 * MIB, RW, PageSizes.ofLg2(21), gather));
    space.unmap(GIB + 8 * KIB, 2 * MIB - 8 * KIB, gather);
    space.map(GIB + 8 * KIB, 2 * GIB + 8 * KIB, 4 * MIB - 8 * KIB, RW, gather);
    assertThat(leafSizes(GIB, 4 * MIB)).hasSize(513).endsWith(21);
  }

  @Test
  void anEmptyTableGivesWayToALargeLeaf() {
    space.map(GIB, 0, 4 * KIB, RW, gather);
    space.unmap(GIB, 4 * KIB, gather);
    space.map(GIB, 2 * GIB, 2 * MIB, RW, gather);
    assertThat(leafSizes(GIB, 2 * MIB)).containsExactly(21);
    assertThat(space.counts().levels().getFirst().linked()).isZero();
    assertThat(gather.tables()).isEqualTo(1);
  }

  @Test
  void anEmptyTableWithEmptyTablesBelowGivesWayToo() {
    space.map(GIB, 0, 4 * KIB, RW, gather);
    space.map(GIB + 2 * MIB, 0, 4 * KIB, RW, gather);
    space.unmap(GIB, 4 * KIB, gather);
    refused(Reason.ALREADY_MAPPED, () -> space.map(GIB, GIB, GIB, RW, PageSizes.ofLg2(30), gather));
    space.unmap(GIB + 2 * MIB, 4 * KIB, gather);
    TableCounts before = space.counts();
    // The failure comes behind the first GiB, whose tables are to be replaced: they stay.
    space.map(3 * GIB - 4 * KIB, 0, 4 * KIB, RW, gather);
    refused(Reason.ALREADY_MAPPED, () -> space.map(GIB, GIB, 2 * GIB, RW, gather));
    space.unmap(2 * GIB, GIB, gather);
    assertThat(space.counts().linked()).isEqualTo(before.linked());
    space.map(GIB, GIB, GIB, RW, PageSizes.ofLg2(30), gather);
    assertThat(leafSizes(GIB, GIB)).containsExactly(30);
    assertThat(space.translate(GIB + 0x5123, machine.reader())).isEqualTo(GIB + 0x5123);
    assertThat(space.counts().levels().getFirst().linked()).isZero();
    space.unmap(GIB, GIB, gather);
    space.map(GIB, 0, 4 * KIB, RW, gather);
    space.unmap(GIB, 2 * MIB, gather);
    space.putSoft(GIB, 30, new SoftEntry(SoftEntry.Kind.SWAP, 1), gather);
    assertThat(space.translate(GIB + 0x5123, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
  }

  @Test
  void whatAnAllocatorOfAPluginThrowsLeavesNoLockAndNoTable() {
    space.map(GIB, 0, 4 * KIB, RW, gather);
    TableCounts before = space.counts();
    machine.faults().failNextWith(new IllegalStateException("planted"));
    assertThatThrownBy(() -> space.map(GIB + MIB, 0, 2 * MIB, RW, PageSizes.ofLg2(12), gather))
        .hasMessage("planted");
    flush();
    assertThat(space.counts()).isEqualTo(before);
    machine.checkValid(space);
    space.map(GIB + MIB, 0, 4 * KIB, RW, gather);
  }

  @Test
  void anItemThatLeadsNowhereIsReportedAndNothingChanges() {
    space.map(GIB, 0, 4 * MIB, RW, PageSizes.ofLg2(12), gather);
    TableCounts before = space.counts();
    long[] directory = new long[1];
    space.visitTables(
        (level, va, table) -> directory[0] = level == 1 ? table.pa() : directory[0],
        machine.reader());
    long second = machine.item(directory[0] + 8);
    machine.memdesc().memory().storeRelease(directory[0] + 8, 0x0FFF_F007L);
    refused(Reason.INVALID_ENTRY, () -> space.unmap(GIB, 4 * MIB, gather));
    machine.memdesc().memory().storeRelease(directory[0] + 8, second);
    assertThat(space.counts()).isEqualTo(before);
    machine.checkValid(space);
    assertThat(space.unmap(GIB, 4 * MIB, gather)).isEqualTo(4 * MIB);
  }

  @Test
  void aTableOutsideOfMemoryIsReported() {
    space.map(GIB, 0, 4 * KIB, RW, gather);
    long[] directory = new long[1];
    space.visitTables(
        (level, va, table) -> directory[0] = level == 1 ? table.pa() : directory[0],
        machine.reader());
    long item = machine.item(directory[0]);
    machine.memdesc().memory().storeRelease(directory[0], 0x7FFF_FFFF_F007L);
    refused(Reason.INVALID_ENTRY, () -> space.translate(GIB, machine.reader()));
    refused(Reason.INVALID_ENTRY, () -> space.unmap(GIB, 4 * KIB, gather));
    machine.memdesc().memory().storeRelease(directory[0], item);
    assertThat(space.translate(GIB, machine.reader())).isZero();
  }

  @Test
  void unmapFreesTheTablesThatTheRequestCoversWhole() {
    space.map(GIB, 0, 1 * MIB, RW, PageSizes.ofLg2(12), gather);
    space.map(GIB + 2 * MIB, 0, 4 * KIB, RW, gather);
    flush();
    TableCounts before = space.counts();
    assertThat(before.levels().getFirst().linked()).isEqualTo(2);
    assertThat(space.unmap(GIB, 1 * MIB, gather)).isEqualTo(1 * MIB);
    assertThat(space.counts()).as("half a table's span keeps the table").isEqualTo(before);
    assertThat(space.unmap(GIB, 4 * MIB, gather)).isEqualTo(4 * KIB);
    assertThat(gather.tables()).isEqualTo(2);
    assertThat(space.counts().levels().getFirst().linked()).isZero();
    assertThat(space.counts().levels().getFirst().allocatedBytes())
        .as("the gather still holds them")
        .isEqualTo(8 * KIB);
    flush();
    assertThat(space.counts().levels().getFirst().allocatedBytes()).isZero();
    assertThat(space.counts().levels().get(1).linked()).isEqualTo(1);
  }

  @Test
  void unmappingEverythingLeavesOnlyTheRoot() {
    space.map(0x7F12_3456_7000L, 0, 3 * GIB + 12 * KIB, RW, gather);
    assertThat(space.unmap(0, 1L << 47, gather)).isEqualTo(3 * GIB + 12 * KIB);
    flush();
    assertThat(space.counts().linked()).isEqualTo(1);
    assertThat(space.counts().allocatedBytes()).isEqualTo(4096);
  }

  @Test
  void holesArePassedOverByUnmapAndProtect() {
    space.map(GIB, 0, 4 * KIB, RW, gather);
    space.map(GIB + 12 * KIB, 0, 4 * KIB, RW, gather);
    Attributes readOnly = RW.without(Access.WRITE);
    assertThat(space.protect(GIB, 64 * KIB, readOnly, gather)).isEqualTo(8 * KIB);
    assertThat(space.lookup(GIB, machine.reader()).orElseThrow().attributes()).isEqualTo(readOnly);
    assertThat(space.unmap(GIB, 64 * KIB, gather)).isEqualTo(8 * KIB);
    assertThat(space.unmap(GIB, 64 * KIB, gather)).isZero();
  }

  @Test
  void protectKeepsAccessedAndDirty() {
    space.map(GIB, 0, 2 * MIB, RW.with(Access.ACCESSED, Access.DIRTY), gather);
    space.protect(GIB, 2 * MIB, Attributes.USER_CODE, gather);
    assertThat(space.lookup(GIB, machine.reader()).orElseThrow().attributes())
        .isEqualTo(Attributes.USER_CODE.with(Access.ACCESSED, Access.DIRTY));
    assertThat(space.translate(GIB + 0x1234, machine.reader())).isEqualTo(0x1234);
  }

  @Test
  void softEntriesAreSeenButNotTranslated() {
    SoftEntry swap = new SoftEntry(SoftEntry.Kind.SWAP, 42);
    SoftEntry none = new SoftEntry(SoftEntry.Kind.PROT_NONE, 0x4000_0000L);
    space.putSoft(GIB, 12, swap, gather);
    space.putSoft(GIB + 2 * MIB, 21, none, gather);
    assertThat(space.translate(GIB, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
    List<String> seen = new ArrayList<>();
    space.visit(
        AddressRange.of(0, 1L << 47),
        new MappingVisitor() {
          @Override
          public void leaves(AddressRange range, long pa, int sizeLg2, Attributes attributes) {
            seen.add("leaf");
          }

          @Override
          public void soft(AddressRange range, SoftEntry entry) {
            seen.add(entry + " " + range.length());
          }
        },
        machine.reader());
    assertThat(seen).containsExactly(swap + " 4096", none + " 2097152");
    refused(Reason.ALREADY_MAPPED, () -> space.map(GIB, 0, 4 * KIB, RW, gather));
    refused(Reason.CUTS_LARGE_LEAF, () -> space.unmap(GIB + 2 * MIB, 4 * KIB, gather));
    assertThat(space.unmap(GIB, 4 * MIB, gather)).isEqualTo(2 * MIB + 4 * KIB);
  }

  @Test
  void depositsAreCountedAndGivenBackWithTheirLeaves() {
    space.map(GIB, GIB, 6 * MIB, RW, PageSizes.ofLg2(21), gather);
    for (long va = GIB; va < GIB + 6 * MIB; va += 2 * MIB) {
      space.deposit(va);
    }
    TableCounts counts = space.counts();
    assertThat(counts.deposited()).isEqualTo(3);
    // PT deposits, PD and PDPT: what VmPTE shows.
    assertThat(counts.hardwareBytes()).isEqualTo((3 + 1 + 1) * 4096);
    machine.checkValid(space);
    space.unmap(GIB, 2 * MIB, gather);
    assertThat(space.counts().deposited()).isEqualTo(2);
    refused(Reason.NOT_MAPPED, () -> space.deposit(GIB));
    space.unmap(GIB, GIB, gather);
    assertThat(space.counts().deposited()).isZero();
  }

  @Test
  void aFailedMapLeavesNoTrace() {
    space.map(GIB, 0, 4 * KIB, RW, gather);
    TableCounts before = space.counts();
    // Two levels of new tables on both sides of a 512 GiB boundary, and an old one in between.
    long va = (512 * GIB) - 4 * KIB;
    for (int n = 1; n <= 5; n++) {
      machine.faults().failNth(n);
      refused(
          Reason.OUT_OF_MEMORY, () -> space.map(va, 0, 8 * KIB, RW, PageSizes.ofLg2(12), gather));
      flush();
      machine.memdesc().tableMemory().trim();
      assertThat(space.counts()).as("after failing at allocation %d", n).isEqualTo(before);
      assertThat(space.translate(va, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
      machine.checkValid(space);
    }
    machine.faults().failNth(6);
    space.map(va, 0, 8 * KIB, RW, PageSizes.ofLg2(12), gather);
    machine.faults().failNth(Long.MAX_VALUE);
  }

  @Test
  void aMapThatMeetsAnEntryLeavesNoTrace() {
    long va = 4 * GIB;
    space.map(va + 2 * MIB + 8 * KIB, 0, 4 * KIB, RW, gather);
    TableCounts before = space.counts();
    refused(
        Reason.ALREADY_MAPPED, () -> space.map(va, 0, 64 * MIB, RW, PageSizes.ofLg2(12), gather));
    flush();
    assertThat(space.counts()).isEqualTo(before);
    assertThat(leafSizes(va, 64 * MIB)).hasSize(1);
  }

  @Test
  void cuttingALargeLeafIsRefusedAndChangesNothing() {
    space.map(GIB, GIB, 2 * MIB, RW, gather);
    space.map(GIB - 8 * KIB, 0, 8 * KIB, RW, gather);
    TableCounts before = space.counts();
    refused(Reason.CUTS_LARGE_LEAF, () -> space.unmap(GIB - 8 * KIB, 12 * KIB, gather));
    refused(Reason.CUTS_LARGE_LEAF, () -> space.unmap(GIB + 4 * KIB, 2 * MIB, gather));
    refused(Reason.CUTS_LARGE_LEAF, () -> space.protect(GIB, 4 * KIB, RW, gather));
    assertThat(space.counts()).isEqualTo(before);
    assertThat(space.translate(GIB - 8 * KIB, machine.reader())).isZero();
  }

  @Test
  void badRangesAreRefusedWithTheirReason() {
    refused(Reason.ZERO_LENGTH, () -> space.map(GIB, 0, 0, RW, gather));
    refused(Reason.MISALIGNED, () -> space.map(GIB + 1, 0, 4 * KIB, RW, gather));
    refused(Reason.MISALIGNED, () -> space.map(GIB, 5, 4 * KIB, RW, gather));
    refused(Reason.MISALIGNED, () -> space.map(GIB, 0, 100, RW, gather));
    refused(Reason.WRAPS, () -> space.map(-4 * KIB, 0, 8 * KIB, RW, gather));
    refused(Reason.VA_OUTSIDE_FORMAT, () -> space.map(1L << 47, 0, 4 * KIB, RW, gather));
    refused(
        Reason.VA_OUTSIDE_FORMAT, () -> space.map((1L << 47) - 4 * KIB, 0, 8 * KIB, RW, gather));
    refused(Reason.VA_OUTSIDE_FORMAT, () -> space.unmap(0, -4 * KIB, gather));
    refused(Reason.VA_OUTSIDE_FORMAT, () -> space.translate(1L << 50, machine.reader()));
    refused(Reason.PA_TOO_WIDE, () -> space.map(GIB, 1L << 52, 4 * KIB, RW, gather));
    refused(Reason.PA_TOO_WIDE, () -> space.map(GIB, (1L << 52) - 4 * KIB, 8 * KIB, RW, gather));
    refused(Reason.PAGE_SIZE, () -> space.map(GIB, 0, 4 * KIB, RW, PageSizes.ofLg2(16), gather));
    refused(Reason.PAGE_SIZE, () -> space.map(GIB, 0, 4 * KIB, RW, PageSizes.ofLg2(21), gather));
    refused(
        Reason.ATTRIBUTE, () -> space.map(GIB, 0, 4 * KIB, Attributes.of(Access.WRITE), gather));
    assertThat(space.counts().linked()).isEqualTo(1);
  }

  @Test
  void theMessageNamesTheRuleAndTheValues() {
    assertThatThrownBy(() -> space.map(0x8000_0000_0000L, 0, 4096, RW, gather))
        .hasMessage(
            "a va is canonical: the bits above bit 47 are copies of it:"
                + " va=0x0000800000000000, format=x86/4-level;"
                + " the legal va with the same low bits is 0xffff800000000000");
    space.map(GIB, 0, 4096, RW, gather);
    assertThatThrownBy(() -> space.map(GIB, 0, 4096, RW, gather))
        .hasMessage(
            "a range that is mapped holds no entry yet: va=0x0000000040000000, found=leaf,"
                + " level=PT, item=0x8000000000000007; unmap it first");
  }

  @Test
  void aGatherOfAnotherSpaceIsRefused() {
    AddressSpace other = machine.space();
    try (Gather foreign = other.gather()) {
      refused(Reason.FOREIGN, () -> space.map(GIB, 0, 4 * KIB, RW, foreign));
    }
  }

  @Test
  void aClosedSpaceIsRefused() {
    AddressSpace other = machine.space();
    other.close();
    other.close();
    refused(Reason.CLOSED, () -> other.translate(0, machine.reader()));
  }

  private static void refused(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PageTableException.class, e -> assertThat(e.reason()).as("%s", e).isEqualTo(reason));
  }
}
