package dev.memdesc.core.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Gather;
import dev.memdesc.api.Hex;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.descriptor.FreeBlock;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.core.TinyFormats;
import dev.memdesc.core.memory.TableStates;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker says nothing of a valid address space, and one sentence for each planted fault. */
final class StructureCheckerTest {
  private final TinySpace tiny = TinySpace.unstamped();

  /** Small leaves and a SOFT entry under items 0 and 1, a large leaf with a deposit in item 2. */
  @BeforeEach
  void mapSomething() {
    tiny.map(0x20, 0x1020, 0x40);
    tiny.map(0x80, 0x2000, 0x20);
    tiny.map(0x100, 0x8000, 0x80);
    tiny.space.deposit(0x100);
    try (Gather gather = tiny.space.gather()) {
      tiny.space.putSoft(0xe0, 5, new SoftEntry(SoftEntry.Kind.SWAP, 7), gather);
    }
    assertThat(tiny.violations()).isEmpty();
  }

  @Test
  void aTableInTwoItems() {
    tiny.setItem(tiny.root(), 3, tiny.item(tiny.root(), 0));
    addCount(tiny.root(), 1);
    tiny.checkSays(at(0, tiny.child(0)) + "a table is in one item only");
  }

  @Test
  void aTableThatIsItsOwnChild() {
    tiny.setItem(tiny.root(), 3, tiny.format.level(1).tableItem(tiny.space.rootPa()));
    addCount(tiny.root(), 1);
    tiny.checkSays(at(0, tiny.root()) + "a table is in one item only");
  }

  @Test
  void aTableThatNothingDescribes() {
    TableDescriptor child = tiny.child(0);
    tiny.descriptors.set(child.pa(), null);
    tiny.checkSays(at(0, child) + "a table has a table descriptor, not null");
  }

  @Test
  void aTableThatIsDescribedAsFree() {
    TableDescriptor child = tiny.child(0);
    FreeBlock block = new FreeBlock().reset(child.pa(), 0);
    tiny.descriptors.set(child.pa(), block);
    tiny.checkSays(at(0, child) + "a table has a table descriptor, not " + block);
  }

  @Test
  void anItemThatLeadsOutOfMemory() {
    tiny.setItem(tiny.root(), 3, tiny.format.level(1).tableItem(0xffe0));
    addCount(tiny.root(), 1);
    tiny.checkSays(
        "level 0 table 0x000000000000ffe0: a table has a table descriptor, not null",
        "linked tables of level 0: counted=2, found=3");
  }

  @ParameterizedTest
  @EnumSource(
      value = TableState.class,
      names = {"ALLOCATED", "DEAD", "UNHOOKED", "FLUSHED", "WAITING", "DEPOSITED", "FROZEN"})
  void aTableThatIsLinkedInTheState(TableState state) {
    TableDescriptor stray = tiny.strayTable(0);
    TableStates.bring(stray, state);
    tiny.setItem(tiny.root(), 3, tiny.format.level(1).tableItem(stray.pa()));
    addCount(tiny.root(), 1);
    tiny.account().addLinked(0, 1);
    tiny.checkSays(at(0, stray) + "a linked table is HOOKED at its level: " + stray);
  }

  @Test
  void aTableOfAnotherLevel() {
    TableDescriptor stray = tiny.strayTable(1);
    TableStates.bring(stray, TableState.HOOKED);
    tiny.setItem(tiny.root(), 3, tiny.format.level(1).tableItem(stray.pa()));
    addCount(tiny.root(), 1);
    tiny.account().addLinked(0, 1);
    tiny.checkSays(at(0, stray) + "a linked table is HOOKED at its level: " + stray);
  }

  @Test
  void aDescriptorOfAnotherFrame() {
    TableDescriptor child = tiny.child(0);
    TableDescriptor other = tiny.child(1);
    tiny.descriptors.set(child.pa(), other);
    assertThat(tiny.violations())
        .contains(at(0, child) + "a linked table is HOOKED at its level: " + other);
  }

  @Test
  void aTableThatIsStillNew() {
    TableDescriptor stray = tiny.strayTable(0);
    stray.beHooked(false);
    tiny.setItem(tiny.root(), 3, tiny.format.level(1).tableItem(stray.pa()));
    addCount(tiny.root(), 1);
    tiny.account().addLinked(0, 1);
    tiny.checkSays(at(0, stray) + "a table is new only while a map runs");
  }

  @Test
  void aTableThatIsLeftLocked() {
    TableDescriptor child = tiny.child(0);
    long word = child.lock();
    tiny.checkSays(at(0, child) + "a table is locked only while an operation runs");
    child.unlock(word, 0);
  }

  @Test
  void anInvalidItem() {
    tiny.setItem(tiny.child(0), 3, 0x2);
    tiny.checkSays(at(0, tiny.child(0)) + "no item is INVALID: 0x0000000000000002");
    tiny.setItem(tiny.child(0), 3, 0x1);
    tiny.setItem(tiny.root(), 3, 0);
    tiny.checkSays(at(1, tiny.root()) + "no item is INVALID: 0x0000000000000000");
  }

  @Test
  void aCountThatIsTooHighOrTooLow() {
    TableDescriptor child = tiny.child(0);
    addCount(child, 1);
    tiny.checkSays(at(0, child) + "the count is the number of entries, 2: " + child);
    addCount(child, -2);
    tiny.checkSays(at(0, child) + "the count is the number of entries, 2: " + child);
    addCount(child, 1);
    tiny.checkSays();
  }

  @Test
  void anEntryThatNobodyCounted() {
    TableDescriptor soft = tiny.child(1);
    tiny.setItem(soft, 1, 0x3); // SOFT
    tiny.checkSays(at(0, soft) + "the count is the number of entries, 3: " + soft);
    tiny.setItem(soft, 1, 0x48); // a leaf
    tiny.checkSays(at(0, soft) + "the count is the number of entries, 3: " + soft);
  }

  @Test
  void aDepositInAnotherState() {
    TableDescriptor kept = deposited();
    kept.become(TableState.DEPOSITED, TableState.HOOKED);
    tiny.checkSays(at(1, tiny.root()) + "a deposited table is DEPOSITED: " + kept);
  }

  @Test
  void aDepositThatIsNotDescribed() {
    TableDescriptor kept = deposited();
    tiny.descriptors.set(kept.pa(), null);
    tiny.checkSays(at(1, tiny.root()) + "a deposited table is DEPOSITED: " + kept);
  }

  @Test
  void moreDepositsThanLargeLeaves() {
    tiny.space.deposit(0x100);
    tiny.checkSays(at(1, tiny.root()) + "there are at most as many deposits, 2, as leaves");
  }

  @Test
  void aDepositThatIsKeptTwice() {
    TableDescriptor kept = deposited();
    kept.setNext(kept);
    tiny.checkSays(at(1, tiny.root()) + "a deposited table is kept once: " + kept);
  }

  @Test
  void aDepositThatIsLinkedToo() {
    TableDescriptor kept = deposited();
    tiny.setItem(tiny.root(), 3, tiny.format.level(1).tableItem(kept.pa()));
    addCount(tiny.root(), 1);
    tiny.account().addLinked(0, 1);
    assertThat(tiny.violations())
        .contains(at(1, tiny.root()) + "a deposited table is kept once: " + kept);
  }

  @Test
  void countersThatDiffer() {
    tiny.account().addLinked(0, 1);
    tiny.account().addLinked(1, -1);
    tiny.account().addDeposited(0, -1);
    tiny.account().addDeposited(1, 2);
    tiny.checkSays(
        "linked tables of level 0: counted=3, found=2",
        "linked tables of level 1: counted=0, found=1",
        "deposited tables of level 0: counted=0, found=1",
        "deposited tables of level 1: counted=2, found=0");
  }

  @Test
  void aCopyThatDiffers() {
    TinySpace pti = TinySpace.stamped(TinyFormats.mirrored());
    pti.map(0, 0x1000, 0x20);
    pti.map(0x100, 0x1000, 0x20);
    pti.checkSays();
    TableDescriptor root = pti.root();
    long kernel = pti.item(root, 0);
    long user = pti.item(root, 4);
    assertThat(kernel).isEqualTo(user | TinyFormats.ADDED);
    pti.setItem(root, 4, 1);
    pti.checkSays(at(1, root) + "item 0 equals its copy 0x0000000000000001");
    pti.setItem(root, 4, user);
    pti.setItem(root, 0, user);
    pti.checkSays(at(1, root) + "item 0 equals its copy " + Hex.of(user));
    pti.setItem(root, 0, kernel);
    pti.setItem(root, 5, user);
    pti.checkSays(at(1, root) + "item 1 equals its copy " + Hex.of(user));
    pti.setItem(root, 5, 1);
    pti.setItem(root, 6, user); // behind what is kept twice
    pti.checkSays();
  }

  @Test
  void itemsInTheOtherByteOrderAreRead() {
    TinySpace swapped = TinySpace.stamped(TinyFormats.swapped());
    swapped.map(0x20, 0x1020, 0x40);
    swapped.checkSays();
    swapped.setItem(swapped.child(0), 3, 0x2);
    swapped.checkSays(at(0, swapped.child(0)) + "no item is INVALID: 0x0000000000000002");
  }

  private TableDescriptor deposited() {
    TableDescriptor kept = tiny.root().deposited();
    if (kept == null) {
      throw new AssertionError("a table was deposited");
    }
    return kept;
  }

  private static void addCount(TableDescriptor table, int entries) {
    table.unlock(table.lock(), entries);
  }

  private static String at(int level, TableDescriptor table) {
    return "level " + level + " table " + Hex.of(table.pa()) + ": ";
  }
}
