package dev.memdesc.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.core.GroupFormats;
import dev.memdesc.core.space.TableGather;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Groups, splits, replaced tables and roots that grow, on formats of a few items. */
final class GroupsTest {
  private static final Attributes READ = Attributes.of(Access.READ);
  private static final Attributes WRITE = Attributes.of(Access.READ, Access.WRITE);

  private GroupMachine machine = GroupMachine.of(GroupFormats.stepped());

  private void use(dev.memdesc.api.format.TableFormat format) {
    machine.close();
    machine = GroupMachine.of(format);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  /** The leaves of the whole space, as {@code va+length of size}. */
  private List<String> leaves() {
    List<String> found = new ArrayList<>();
    machine.space.visit(
        new AddressRange(0, (1L << machine.space.format().va().bits()) - 1),
        (range, pa, sizeLg2, attributes) ->
            found.add(
                "%x+%x of %d to %x%s"
                    .formatted(
                        range.start(),
                        range.length(),
                        1 << sizeLg2,
                        pa,
                        attributes.has(Access.DIRTY) ? " dirty" : "")),
        machine.reader);
    return found;
  }

  @Test
  void mapTakesTheLargestLeafAtEachStep() {
    // Frames of 32 bytes, groups of 64; 128-byte leaves of level 1, groups of 256.
    machine.map(0x20, 0x1020, 0x1e0, READ);
    assertThat(leaves())
        .containsExactly(
            "20+20 of 32 to 1020",
            "40+40 of 64 to 1040",
            "80+80 of 128 to 1080",
            "100+100 of 256 to 1100");
    assertThat(machine.item(1, 2)).isEqualTo(machine.item(1, 3) - 0x80);
    assertThat(machine.space.translate(0x19f, machine.reader)).isEqualTo(0x119f);
  }

  @Test
  void groupsNeedAnAlignedPaAndTheCallersLeave() {
    machine.map(0x40, 0x1020, 0x40, READ);
    machine.map(0x80, 0x1080, 0x80, READ, PageSizes.ofLg2(5));
    assertThat(leaves()).containsExactly("40+40 of 32 to 1020", "80+80 of 32 to 1080");
    machine.map(0x100, 0x1100, 0x100, READ, PageSizes.ofLg2(6));
    assertThat(leaves()).hasSize(3).last().isEqualTo("100+100 of 64 to 1100");
  }

  @Test
  void aGroupIsNotCutUnlessTheCallerSaysSo() {
    machine.map(0x40, 0x1040, 0x40, READ);
    for (long va : new long[] {0x40, 0x60}) {
      assertThat(
              catchThrowableOfType(
                      PageTableException.class, () -> machine.unmap(va, 0x20, CutLeaf.REFUSE))
                  .reason())
          .isEqualTo(Reason.CUTS_LARGE_LEAF);
    }
    assertThat(machine.unmap(0x60, 0x20, CutLeaf.SPLIT)).isEqualTo(0x20);
    assertThat(leaves()).containsExactly("40+20 of 32 to 1040");
    machine.map(0x60, 0x1060, 0x20, READ);
    machine.map(0x80, 0x1080, 0x40, READ);
    assertThat(machine.unmap(0xa0, 0x20, CutLeaf.WHOLE)).isEqualTo(0x40);
    assertThat(leaves()).containsExactly("40+40 of 32 to 1040");
  }

  @Test
  void aSplitKeepsTheStatesOfAllItems() {
    use(GroupFormats.breaking());
    machine.map(0, 0x1000, 0x400, READ);
    assertThat(leaves()).containsExactly("0+400 of 1024 to 1000");
    machine.setItem(2, 1, machine.item(2, 1) | GroupFormats.DIRTY);
    assertThat(leaves()).containsExactly("0+400 of 1024 to 1000 dirty");
    try (TableGather gather = (TableGather) machine.space.gather()) {
      assertThat(machine.space.unmap(0x20, 0x20, CutLeaf.SPLIT, gather)).isEqualTo(0x20);
      // The group, the leaf of level 2, the group and the leaf of level 1, the group of level 0.
      assertThat(gather.invalidations()).isEqualTo(5);
    }
    assertThat(leaves())
        .containsExactly(
            "0+20 of 32 to 1000 dirty",
            "40+40 of 64 to 1040 dirty",
            "80+80 of 128 to 1080 dirty",
            "100+100 of 256 to 1100 dirty",
            "200+200 of 512 to 1200 dirty");
  }

  @Test
  void aSplitTakesTheDepositAndGivesBackWhatItDoesNotNeed() {
    use(GroupFormats.plain());
    machine.map(0, 0x1000, 0x80, READ);
    machine.space.deposit(0);
    machine.allocator.failNth(1);
    assertThat(machine.unmap(0x20, 0x20, CutLeaf.SPLIT)).isEqualTo(0x20);
    machine.allocator.failNth(Long.MAX_VALUE);
    assertThat(machine.space.counts().deposited()).isZero();
    assertThat(leaves()).containsExactly("0+20 of 32 to 1000", "40+40 of 32 to 1040");
  }

  @Test
  void aSplitThatFindsNoMemoryChangesNothing() {
    use(GroupFormats.plain());
    machine.map(0, 0x1000, 0x400, READ);
    // Both ends lie in different leaves of level 2, so four tables are needed.
    for (int n = 1; n <= 4; n++) {
      machine.settle();
      machine.tableMemory.trim();
      machine.allocator.failNth(n);
      assertThat(
              catchThrowableOfType(
                      PageTableException.class, () -> machine.unmap(0x20, 0x3c0, CutLeaf.SPLIT))
                  .reason())
          .isEqualTo(Reason.OUT_OF_MEMORY);
      machine.allocator.failNth(Long.MAX_VALUE);
      assertThat(leaves()).containsExactly("0+400 of 512 to 1000");
      assertThat(machine.space.counts().linked()).isEqualTo(1);
      machine.checkValid();
    }
    assertThat(machine.unmap(0x20, 0x3c0, CutLeaf.SPLIT)).isEqualTo(0x3c0);
    assertThat(leaves()).containsExactly("0+20 of 32 to 1000", "3e0+20 of 32 to 13e0");
  }

  @Test
  void aPartOfASoftEntryIsRefusedOrTakenWhole() {
    machine.putSoft(0x80, 7, new SoftEntry(SoftEntry.Kind.SWAP, 5));
    assertThat(
            catchThrowableOfType(
                    PageTableException.class, () -> machine.unmap(0xa0, 0x20, CutLeaf.SPLIT))
                .reason())
        .isEqualTo(Reason.CUTS_LARGE_LEAF);
    assertThat(machine.unmap(0xa0, 0x20, CutLeaf.WHOLE)).isEqualTo(0x80);
    assertThat(
            catchThrowableOfType(
                    PageTableException.class,
                    () -> machine.putSoft(0x40, 6, new SoftEntry(SoftEntry.Kind.SWAP, 5)))
                .reason())
        .isEqualTo(Reason.PAGE_SIZE);
  }

  @Test
  void anEmptyTableGivesWayToALargerLeaf() {
    machine.map(0, 0x1000, 0x20, READ);
    machine.map(0xa0, 0x1000, 0x20, READ);
    machine.unmap(0, 0x20, CutLeaf.REFUSE);
    long linked = machine.space.counts().linked();
    try (TableGather gather = (TableGather) machine.space.gather()) {
      machine.space.map(0, 0x1000, 0x80, READ, gather);
      assertThat(gather.invalidations()).isEqualTo(1);
      assertThat(gather.tables()).isEqualTo(1);
    }
    assertThat(leaves()).containsExactly("0+80 of 128 to 1000", "a0+20 of 32 to 1000");
    assertThat(machine.space.counts().linked()).isEqualTo(linked - 1);
    // Where something is mapped below, the table stays.
    machine.unmap(0, 0x80, CutLeaf.REFUSE);
    assertThat(
            catchThrowableOfType(
                    PageTableException.class, () -> machine.map(0, 0x1000, 0x100, READ))
                .reason())
        .isEqualTo(Reason.ALREADY_MAPPED);
    assertThat(leaves()).containsExactly("a0+20 of 32 to 1000");
  }

  @Test
  void protectOfAGroupKeepsItsStatesAndBreaksOnlyWhereItMust() {
    use(GroupFormats.breaking());
    machine.map(0x40, 0x1040, 0x40, READ);
    machine.setItem(0, 3, machine.item(0, 3) | GroupFormats.DIRTY);
    assertThat(machine.protect(0x40, 0x40, READ.with(Access.ACCESSED))).isZero();
    assertThat(leaves()).containsExactly("40+40 of 64 to 1040 dirty");
    assertThat(machine.item(0, 2) & GroupFormats.DIRTY).as("only one item is dirty").isZero();
    assertThat(machine.protect(0x40, 0x40, WRITE)).isEqualTo(1);
    assertThat(machine.space.lookup(0x60, machine.reader).orElseThrow().attributes())
        .isEqualTo(WRITE.with(Access.ACCESSED, Access.DIRTY));
  }

  @Test
  void aRootGrowsALevelAtATimeAndReadersSeeOldOrNew() {
    use(GroupFormats.growing());
    machine.map(0x40, 0x1040, 0x40, READ);
    TableGather old = (TableGather) machine.space.gather();
    long oldRoot = machine.space.rootPa();
    assertThat(machine.space.format().name()).isEqualTo("tiny/growing");
    machine.map(0x200, 0x1200, 0x20, READ);
    assertThat(machine.space.format().name()).isEqualTo("tiny/grown-3");
    machine.map(0x1fe0, 0x1fe0, 0x20, READ);
    assertThat(machine.space.format().name()).isEqualTo("tiny/grown-4");
    assertThat(machine.space.format().level(2).tablePa().decode(machine.item(2, 0)))
        .isEqualTo(oldRoot);
    assertThat(leaves())
        .containsExactly("40+40 of 64 to 1040", "200+20 of 32 to 1200", "1fe0+20 of 32 to 1fe0");
    assertThat(machine.space.counts().levels()).hasSize(4);
    // A gather from before the growth is as good as any.
    machine.space.map(0x1000, 0x1000, 0x400, READ, old);
    assertThat(machine.space.unmap(0, 0x2000, old)).isEqualTo(0x480);
    old.close();
    machine.checkValid();
    assertThat(
            catchThrowableOfType(PageTableException.class, () -> machine.map(0x2000, 0, 0x20, READ))
                .reason())
        .isEqualTo(Reason.VA_OUTSIDE_FORMAT);
    assertThat(machine.space.counts().levels().get(3).linked()).isEqualTo(1);
  }

  @Test
  void aRootThatFindsNoMemoryDoesNotGrow() {
    use(GroupFormats.growing());
    machine.allocator.failNth(1);
    assertThat(
            catchThrowableOfType(
                    PageTableException.class, () -> machine.map(0x200, 0x1200, 0x20, READ))
                .reason())
        .isEqualTo(Reason.OUT_OF_MEMORY);
    machine.allocator.failNth(Long.MAX_VALUE);
    assertThat(machine.space.format().name()).isEqualTo("tiny/growing");
    assertThat(machine.space.counts().linked()).isEqualTo(1);
  }
}
