package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.RegisterValue;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.tck.TestMachine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** PAE: the worked example, the entries of its root, and roots that share a page. */
final class PaeTest {
  private static final TableFormat PAE = X86Format.VARIANTS.getLast();
  private static final Attributes RW = Attributes.USER_DATA.with(Access.ACCESSED, Access.DIRTY);

  @RegisterExtension
  private final TestMachine machine =
      TestMachine.scripted(new X86Backend(), "x86/pae", 0x100000, 0x101000, 0x102000);

  @Test
  void tablesHaveTheWordsOfTheExample() {
    AddressSpace first = machine.space();
    assertThat(first.rootPa()).as("CR3 of another process in the same page").isEqualTo(0x100000);
    AddressSpace space = machine.space();
    machine.with(space, g -> space.map(0xC0123000L, 0xABCDE000L, 0x1000, RW, g));
    machine.with(space, g -> space.map(0xC0200000L, 0x40200000L, 0x20_0000, RW, g));
    long root = space.rootPa();
    assertThat(root).as("CR3").isEqualTo(0x100020);
    assertThat(machine.item(0x100038)).isEqualTo(0x101001);
    assertThat(machine.item(0x101000)).isEqualTo(0x102007);
    assertThat(machine.item(0x102918)).isEqualTo(0x80000000ABCDE067L);
    assertThat(machine.item(0x101008)).isEqualTo(0x80000000402000E7L);
    assertThat(space.translate(0xC0123ABCL, machine.reader())).isEqualTo(0xABCDEABCL);
  }

  @Test
  void rootsShareAPageBelowFourGigabytes() {
    try (Memdesc memdesc =
        Memdesc.builder()
            .registry(BackendRegistry.of(List.of(new X86Backend())))
            .arch("x86/pae")
            .firstPa(0xF000_0000L)
            .memoryBytes(512L << 20)
            .build()) {
      List<AddressSpace> spaces = new ArrayList<>();
      for (int i = 0; i < 129; i++) {
        AddressSpace space = memdesc.newAddressSpace("pae " + i);
        spaces.add(space);
        assertThat(space.rootPa()).isBetween(0xF000_0000L, 0xFFFF_FFFFL);
        assertThat(memdesc.allocator().allocatedBytes()).isEqualTo(i < 128 ? 4096 : 8192);
      }
      assertThat(spaces.stream().map(AddressSpace::rootPa).distinct()).hasSize(129);
      spaces.forEach(AddressSpace::close);
      memdesc.rcu().barrier();
      memdesc.rcu().barrier();
      memdesc.tableMemory().trim();
      assertThat(memdesc.allocator().allocatedBytes()).isZero();
    }
  }

  @Test
  void reservedBitsAreInvalid() {
    LevelLayout root = PAE.level(2);
    assertThat(root.kind(0x101001)).isEqualTo(EntryKind.TABLE);
    assertThat(root.kind(0x101E19)).isEqualTo(EntryKind.TABLE);
    for (int bit : new int[] {1, 2, 5, 6, 7, 8, 52, 62, 63}) {
      assertThat(root.kind(0x101001 | 1L << bit)).as("bit " + bit).isEqualTo(EntryKind.INVALID);
    }
    for (int bit = 52; bit < 63; bit++) {
      assertThat(PAE.level(0).kind(1 | 1L << bit)).isEqualTo(EntryKind.INVALID);
      assertThat(PAE.level(1).kind(1 | 1L << bit)).isEqualTo(EntryKind.INVALID);
      assertThat(PAE.level(1).kind(0x81 | 1L << bit)).isEqualTo(EntryKind.INVALID);
    }
    assertThat(PAE.level(1).kind(0x8000000000102007L)).isEqualTo(EntryKind.TABLE);
  }

  @Test
  void picturesTileTheItem() {
    for (int level = 0; level < 3; level++) {
      for (long item : new long[] {0, 1, 0x81, 0x101001, -1L, -2L}) {
        int next = 63;
        for (BitField field : PAE.codec().picture(item, level)) {
          assertThat(field.high()).isEqualTo(next);
          next = field.low() - 1;
        }
        assertThat(next).isEqualTo(-1);
      }
    }
  }

  @Test
  void registersHaveARootOf32BitsAndNoPcid() {
    X86Backend backend = new X86Backend();
    assertThat(backend.activation(PAE, 0x100020, 0))
        .containsExactly(
            new RegisterValue("CR3", 0x100020),
            new RegisterValue("CR4", 0xA0),
            new RegisterValue("EFER", 0x800),
            new RegisterValue("CR0", 0x80010001L),
            new RegisterValue("IA32_PAT", 0x0407050600070106L));
    assertThatThrownBy(() -> backend.activation(PAE, 0x100010, 0)).hasMessageContaining("2^5");
    assertThatThrownBy(() -> backend.activation(PAE, 1L << 32, 0)).hasMessageContaining("2^32");
    assertThatThrownBy(() -> backend.activation(PAE, 0x100020, 1)).hasMessageContaining("0..0");
  }

  @Test
  void protectionKeysAreRefused() {
    assertThatThrownBy(
            () -> PAE.codec().bits(RW.withProtectionKey(5), 0, PAE.level(0).leaves().getFirst()))
        .hasMessageContaining("no protection keys");
  }
}
