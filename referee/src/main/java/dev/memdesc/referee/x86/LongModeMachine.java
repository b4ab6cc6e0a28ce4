package dev.memdesc.referee.x86;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.referee.GuestRam;
import java.util.List;

/** Long mode: the stub takes one item of the root, the second to last. */
final class LongModeMachine extends X86Machine {
  private static final int SLOT = 0x1FE;
  private static final int PML5_VA_BITS = 57;
  private static final long CR4_PAE = 1 << 5;
  private static final long CR4_LA57 = 1 << 12;

  private static final long STUB_PDPT = TABLES;
  private static final long STUB_PD = TABLES + PAGE;
  private static final long BOOT_PML4 = TABLES + 2 * PAGE;
  private static final long BOOT_PDPT = TABLES + 3 * PAGE;
  private static final long BOOT_PML5 = TABLES + 4 * PAGE;
  private static final long STUB_PML4 = TABLES + 5 * PAGE;
  private static final long BOOT_LOW_PD = TABLES + 6 * PAGE;
  private static final long BOOT_HIGH_PD = TABLES + 7 * PAGE;

  private final boolean la57;
  private final int slotShift;

  LongModeMachine(int vaBits) {
    super("long", new VaRule(vaBits, VaRule.Extension.SIGN));
    this.la57 = vaBits == PML5_VA_BITS;
    this.slotShift = vaBits - 9;
  }

  @Override
  long stubVa() {
    return (long) (SLOT - 0x200) << slotShift;
  }

  @Override
  public List<AddressRange> reservedVa() {
    return List.of(AddressRange.of(stubVa(), 1L << slotShift));
  }

  @Override
  void installSegments(GuestRam ram) {
    ram.store(STUB + GDT + 0x08, 0x00AF_9B00_0000_FFFFL); // code, 64 bits
    ram.store(STUB + GDT + 0x10, 0x00CF_9300_0000_FFFFL); // data
    ram.store(STUB + GDT + 0x18, 0x00CF_F300_0000_FFFFL); // data of ring 3
    ram.store(STUB + GDT + 0x20, 0x00AF_FB00_0000_FFFFL); // code of ring 3, 64 bits
    long tss = stubVa() + TSS;
    ram.store(
        STUB + GDT + 0x28,
        0x67 | (tss & 0xFF_FFFF) << 16 | 0x89L << 40 | (tss >>> 24 & 0xFF) << 56);
    ram.store(STUB + GDT + 0x30, tss >>> 32);
    ram.storeUnaligned(STUB + TSS + 4, stubVa() + STACK); // RSP0
  }

  @Override
  void installGate(GuestRam ram, long idt, int vector, long handler, int type) {
    long gate = idt + 16L * vector;
    ram.store(
        gate, (handler & 0xFFFF) | 8L << 16 | (long) type << 40 | (handler >>> 16 & 0xFFFF) << 48);
    ram.store(gate + 8, handler >>> 32);
  }

  @Override
  void installTables(GuestRam ram) {
    long table = P | RW | AD;
    ram.store(STUB_PD, STUB | table | PS);
    ram.store(STUB_PD + 8, STUB | table | PS | US);
    ram.store(STUB_PDPT, STUB_PD | table | US);
    ram.store(STUB_PML4, STUB_PDPT | table | US);
    // The first 2 MiB and the last below 4 GiB, where the boot runs, are where they are.
    ram.store(BOOT_LOW_PD, table | PS);
    ram.store(BOOT_HIGH_PD + 8 * 511, 0xFFE0_0000L | table | PS);
    ram.store(BOOT_PDPT, BOOT_LOW_PD | table);
    ram.store(BOOT_PDPT + 8 * 3, BOOT_HIGH_PD | table);
    ram.store(BOOT_PML4, BOOT_PDPT | table);
    ram.store(BOOT_PML5, BOOT_PML4 | table);
    long root = la57 ? BOOT_PML5 : BOOT_PML4;
    ram.store(root + 8 * SLOT, slotItem());
    ram.storeInt(BOOT_BLOCK, (int) (CR4_PAE | (la57 ? CR4_LA57 : 0)));
    ram.storeInt(BOOT_BLOCK + 4, (int) root);
    ram.store(BOOT_BLOCK + 8, stubVa());
    ram.store(BOOT_BLOCK + 16, stubVa() + STACK);
  }

  private long slotItem() {
    return (la57 ? STUB_PML4 : STUB_PDPT) | P | RW | AD | US;
  }

  @Override
  long copyRoot(GuestRam ram, long cr3) {
    ram.copy(cr3 & -PAGE, ROOT_COPY, PAGE);
    ram.store(ROOT_COPY + 8 * SLOT, slotItem());
    return ROOT_COPY | (cr3 & PAGE - 1);
  }

  @Override
  boolean hasKeys() {
    return true;
  }
}
