package dev.memdesc.core.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.descriptor.KernelSlot;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.core.descriptor.KernelSlots.Conflict;
import org.junit.jupiter.api.Test;

final class KernelSlotsTest {
  private final TinySpace tiny = TinySpace.unstamped();

  @Test
  void aHookedTableFitsTheKernelsUnions() {
    assertThat(KernelSlots.conflicts(new TableDescriptor())).isEmpty();
    assertThat(KernelSlots.conflicts(tiny.root())).isEmpty();
  }

  @Test
  void aTableWithDepositsFitsAsLongAsItIsOnNoList() {
    tiny.map(0x100, 0x8000, 0x80);
    tiny.space.deposit(0x100);
    assertThat(KernelSlots.conflicts(tiny.root())).isEmpty();
  }

  @Test
  void aTableWithDepositsThatIsLinkedIntoAListDoesNotFit() {
    tiny.map(0x100, 0x8000, 0x80);
    tiny.space.deposit(0x100);
    tiny.root().setNext(tiny.strayTable(1));
    assertThat(KernelSlots.conflicts(tiny.root()))
        .containsExactly(new Conflict("pt_list", "pmd_huge_pte"));
    tiny.root().setNext(null);
    assertThat(KernelSlots.conflicts(tiny.root())).isEmpty();
  }

  @Test
  void aDepositedTableMayBeOnAList() {
    TableDescriptor table = tiny.strayTable(0);
    table.become(TableState.ALLOCATED, TableState.DEPOSITED);
    table.setNext(tiny.strayTable(0));
    assertThat(KernelSlots.conflicts(table)).isEmpty();
  }

  @Test
  void fieldsOfABackendCountToo() {
    Extended table = new Extended();
    assertThat(KernelSlots.conflicts(table)).isEmpty();
    table.flag = true;
    assertThat(KernelSlots.conflicts(table)).isEmpty();
    table.gmap = 5;
    table.touching = 1;
    assertThat(KernelSlots.conflicts(table)).as("touching is not overlapping").isEmpty();
    table.setNext(new TableDescriptor());
    assertThat(KernelSlots.conflicts(table)).containsExactly(new Conflict("gmap", "pt_list"));
    table.gmap = 0;
    assertThat(KernelSlots.conflicts(table)).isEmpty();
    table.sameByte = 'x';
    assertThat(KernelSlots.conflicts(table)).containsExactly(new Conflict("flag", "letter"));
    table.flag = false;
    assertThat(KernelSlots.conflicts(table)).isEmpty();
  }

  /** A backend's descriptor with fields of its own. */
  @SuppressWarnings("UnusedVariable") // read by reflection
  private static final class Extended extends TableDescriptor {
    @KernelSlot(value = "gmap", offset = 0, bytes = 9)
    private long gmap;

    @KernelSlot(value = "touching", offset = 24, bytes = 8)
    private int touching;

    @KernelSlot(value = "flag", offset = 56, bytes = 1)
    private boolean flag;

    @KernelSlot(value = "letter", offset = 56, bytes = 1)
    private char sameByte;

    private int notInTheKernel = 1;
  }
}
