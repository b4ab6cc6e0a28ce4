package dev.memdesc.referee.x86;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.referee.GuestRam;
import java.util.List;

/** PAE paging in 32-bit code: the stub takes the last of the four items of the root. */
final class PaeMachine extends X86Machine {
  private static final int SLOT = 3;
  private static final int ROOT_BYTES = 32;
  private static final long STUB_VA = 0xC000_0000L;
  private static final long CR4_PAE = 1 << 5;
  private static final long PDPTE_P = 1;

  private static final long BOOT_PDPT = TABLES;
  private static final long STUB_PD = TABLES + PAGE;
  private static final long BOOT_LOW_PD = TABLES + 2 * PAGE;

  PaeMachine() {
    super("pae", new VaRule(Integer.SIZE, VaRule.Extension.ZERO));
  }

  @Override
  long stubVa() {
    return STUB_VA;
  }

  @Override
  public List<AddressRange> reservedVa() {
    // Above 4 GiB nothing can be probed: the stub's registers have 32 bits.
    return List.of(new AddressRange(STUB_VA, -1L));
  }

  @Override
  void installSegments(GuestRam ram) {
    ram.store(STUB + GDT + 0x08, 0x00CF_9B00_0000_FFFFL); // code, 32 bits
    ram.store(STUB + GDT + 0x10, 0x00CF_9300_0000_FFFFL); // data
    ram.store(STUB + GDT + 0x18, 0x00CF_F300_0000_FFFFL); // data of ring 3
    ram.store(STUB + GDT + 0x20, 0x00CF_FB00_0000_FFFFL); // code of ring 3, 32 bits
    long tss = STUB_VA + TSS;
    ram.store(
        STUB + GDT + 0x28,
        0x67 | (tss & 0xFF_FFFF) << 16 | 0x89L << 40 | (tss >>> 24 & 0xFF) << 56);
    ram.store(STUB + GDT + 0x30, 0);
    ram.storeInt(STUB + TSS + 4, (int) STUB_VA + STACK); // ESP0
    ram.storeInt(STUB + TSS + 8, 0x10); // SS0
  }

  @Override
  void installGate(GuestRam ram, long idt, int vector, long handler, int type) {
    ram.store(
        idt + 8L * vector,
        (handler & 0xFFFF) | 8L << 16 | (long) type << 40 | (handler >>> 16 & 0xFFFF) << 48);
  }

  @Override
  void installTables(GuestRam ram) {
    long leaf = P | RW | AD | PS;
    ram.store(STUB_PD, STUB | leaf);
    ram.store(STUB_PD + 8, STUB | leaf | US);
    // The boot runs in the last 2 MiB, which are where they are.
    ram.store(STUB_PD + 8 * 511, 0xFFE0_0000L | leaf);
    ram.store(BOOT_LOW_PD, leaf);
    ram.store(BOOT_PDPT, BOOT_LOW_PD | PDPTE_P);
    ram.store(BOOT_PDPT + 8 * SLOT, STUB_PD | PDPTE_P);
    ram.storeInt(BOOT_BLOCK, (int) CR4_PAE);
    ram.storeInt(BOOT_BLOCK + 4, (int) BOOT_PDPT);
    ram.storeInt(BOOT_BLOCK + 8, (int) STUB_VA);
  }

  @Override
  long copyRoot(GuestRam ram, long cr3) {
    ram.copy(cr3, ROOT_COPY, ROOT_BYTES);
    ram.store(ROOT_COPY + 8 * SLOT, STUB_PD | PDPTE_P);
    return ROOT_COPY;
  }

  @Override
  boolean hasKeys() {
    return false;
  }
}
