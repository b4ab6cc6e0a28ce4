package dev.memdesc.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.TestFormats;
import dev.memdesc.api.memory.TableAccount;
import dev.memdesc.api.memory.TableOwner;
import org.junit.jupiter.api.Test;

final class TableDescriptorTest {
  private final TableDescriptor table = new TableDescriptor();

  @Test
  void aNewDescriptorDescribesNothing() {
    assertThat(table.state()).isEqualTo(TableState.FREE);
    assertThat(table.owner()).isNull();
    assertThat(table.next()).isNull();
    assertThat(table.deposited()).isNull();
    assertThat(table.count()).isZero();
    assertThat(table.isNew()).isFalse();
  }

  @Test
  void bindAndAssignSayWhereAndWhose() {
    Owner owner = new Owner();
    table.bind(0x7f_0000_1000L, 3);
    table.assign(owner, 2);
    assertThat(table.pa()).isEqualTo(0x7f_0000_1000L);
    assertThat(table.node()).isEqualTo(3);
    assertThat(table.level()).isEqualTo(2);
    assertThat(table.owner()).isSameAs(owner);
    assertThat(table)
        .hasToString("table[pa=0x0000007f00001000, level=2, state=ALLOCATED, count=0]");
  }

  @Test
  void aTableThatIsHandedOutAgainHasNoEntriesAndIsNotNew() {
    table.assign(new Owner(), 1);
    table.unlock(table.lock(), 512);
    table.become(TableState.ALLOCATED, TableState.FREE);
    assertThat(table.count()).as("a table dropped whole keeps its count").isEqualTo(512);
    table.assign(new Owner(), 0);
    assertThat(table.count()).isZero();
    assertThat(table.isNew()).isFalse();
  }

  @Test
  void onlyAFreeTableIsHandedOut() {
    Owner owner = new Owner();
    table.assign(owner, 1);
    table.unlock(table.lock(), 5);
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> table.assign(new Owner(), 0));
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.ILLEGAL_STATE);
    assertThat(table.owner()).isSameAs(owner);
    assertThat(table.level()).isEqualTo(1);
    assertThat(table.count()).isEqualTo(5);
  }

  @Test
  void stateLockNewAndCountShareAWordAndDoNotDisturbEachOther() {
    table.assign(new Owner(), 0);
    table.beHooked(true);
    assertThat(table.isNew()).isTrue();
    table.unlock(Integer.MAX_VALUE);
    assertThat(table.isNew()).as("a table that is unlocked is not new any more").isFalse();
    assertThat(table.count()).isEqualTo(Integer.MAX_VALUE);
    assertThat(table.state()).isEqualTo(TableState.HOOKED);
    table.become(TableState.HOOKED, TableState.FROZEN);
    long word = table.lock();
    assertThat(TableDescriptor.countOf(word)).isEqualTo(Integer.MAX_VALUE);
    assertThat(table.state()).isEqualTo(TableState.FROZEN);
    table.unlock(word, 1 - Integer.MAX_VALUE);
    assertThat(table.count()).isEqualTo(1);
    assertThat(table.state()).isEqualTo(TableState.FROZEN);
  }

  @Test
  void aTableThatIsStillNewStaysSoWhenItsParentPartIsUnlocked() {
    table.assign(new Owner(), 1);
    table.beHooked(false);
    table.unlockNew(table.lock(), 3);
    assertThat(table.isNew()).isTrue();
    assertThat(table.count()).isEqualTo(3);
    table.unlock(table.lock(), 0);
    assertThat(table.isNew()).isFalse();
  }

  @Test
  void aCountThatWouldFallBelowZeroIsRefusedAndTheStateStays() {
    table.assign(new Owner(), 0);
    PageTableException e =
        catchThrowableOfType(PageTableException.class, () -> table.unlock(table.lock(), -1));
    assertThat(e)
        .hasMessageContaining("a table has no fewer than 0 entries")
        .hasMessageContaining("count=-1");
    assertThat(table.count()).isZero();
    assertThat(table.state()).isEqualTo(TableState.ALLOCATED);
  }

  @Test
  void killingKeepsTheCountAndLeavesNoLock() {
    table.assign(new Owner(), 0);
    table.beHooked(true);
    table.unlock(7);
    table.kill();
    assertThat(table.state()).isEqualTo(TableState.DEAD);
    assertThat(table.count()).isEqualTo(7);
    assertThat(TableDescriptor.countOf(table.lock())).as("the lock is free").isEqualTo(7);
  }

  @Test
  void aStepFromAnotherStateThanTheTableIsInChangesNothing() {
    table.bind(0x1000, 0);
    table.assign(new Owner(), 1);
    table.unlock(table.lock(), 7);
    // A legal edge, but not from where the table is.
    PageTableException e =
        catchThrowableOfType(
            PageTableException.class, () -> table.become(TableState.HOOKED, TableState.DEAD));
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e)
        .hasMessage(
            "a table goes from one state of its life to the next: pa=0x0000000000001000, level=1,"
                + " state=allocated, needed=hooked, next=dead");
    assertThat(table.state()).isEqualTo(TableState.ALLOCATED);
    assertThat(table.count()).isEqualTo(7);
  }

  @Test
  void aFreeBlockIsResetWithoutLinks() {
    FreeBlock block = new FreeBlock().reset(0x4000, 2);
    block.link(new FreeBlock(), new FreeBlock());
    assertThat(block.previous()).isNotNull();
    assertThat(block.next()).isNotNull();
    block.reset(0x8000, 3);
    assertThat(block.pa()).isEqualTo(0x8000);
    assertThat(block.order()).isEqualTo(3);
    assertThat(block).hasToString("free[pa=0x0000000000008000, order=3]");
    assertThat(block.previous()).isNull();
    assertThat(block.next()).isNull();
  }

  private static final class Owner implements TableOwner {
    private final TableFormat format = TestFormats.of("test/three", 3);
    private final TableAccount account = new TableAccount(format);

    @Override
    public String name() {
      return "owner";
    }

    @Override
    public TableFormat format() {
      return format;
    }

    @Override
    public TableAccount account() {
      return account;
    }
  }
}
