package dev.memdesc.referee.x86;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Hex;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.api.spi.RegisterValue;
import dev.memdesc.referee.GuestMachine;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Stub;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What long mode and PAE have in common. The processor starts at the reset vector, which is RAM
 * here. The stub's 2 MiB are mapped twice in a part of the va space that tests leave alone: for the
 * kernel, and 2 MiB higher for the user. The entry for it is put into a copy of the root.
 */
abstract class X86Machine implements GuestMachine {
  static final long P = 1;
  static final long RW = 1 << 1;
  static final long US = 1 << 2;
  static final long PS = 1 << 7;

  /** Accessed and dirty. */
  static final long AD = 3 << 5;

  /** The stub, 2 MiB. */
  static final long STUB = 0x20_0000;

  static final long BOOT_BLOCK = 0x8000;
  static final long TABLES = 0x9000;
  static final int PAGE = 0x1000;

  /** Where the copy of the root goes. */
  static final long ROOT_COPY = 0x1_4000;

  static final int GDT = 0x1000;
  static final int TSS = 0x1200;
  static final int STACK = 0x4000;
  static final long PROTECTED_PAGED = 0x8001_0033L;

  private static final int GDTR = 0x1100;
  private static final int IDTR = 0x1110;
  private static final int IDT = 0x2000;
  private static final int THUNKS = 0x800;
  private static final int VECTORS = 0x31;
  private static final int TSS_BYTES = 0x68;
  private static final int IO_MAP = 102;

  private static final long RESET_CODE = 0xFFFF_FF00L;
  private static final long FIRST_RESERVED_END = 0x40_0000;
  private static final AddressRange RESET = new AddressRange(0xFFFF_0000L, 0xFFFF_FFFFL);

  private static final int STATUS = 0x28;
  private static final int VALUE = 0x20;
  private static final int CR2 = 0x30;
  private static final int PAGE_FAULT = 14;
  private static final long RESERVED = 1 << 3;
  private static final int KINDS_OF_REGIME = 5;

  private final String resources;
  private final VaRule va;

  X86Machine(String resources, VaRule va) {
    this.resources = resources;
    this.va = va;
  }

  /** The va of the stub. */
  abstract long stubVa();

  /** Descriptors of the GDT from its fourth on. */
  abstract void installSegments(GuestRam ram);

  /** A gate of the IDT. */
  abstract void installGate(GuestRam ram, long idt, int vector, long handler, int type);

  /** The tables of the stub, those for the boot, and the boot block. */
  abstract void installTables(GuestRam ram);

  /** Copies a root and puts the stub's entry in; returns the CR3 of the copy. */
  abstract long copyRoot(GuestRam ram, long cr3);

  @Override
  public final String program() {
    return "qemu-system-x86_64";
  }

  @Override
  public final List<String> command(Path program, Path folder) {
    // Nothing sets the number of the APIC where there is no board.
    return List.of(program.toString(), "-cpu", "max,apic-id=0,phys-bits=52");
  }

  @Override
  public final String machineType() {
    return "none";
  }

  @Override
  public final ByteOrder order() {
    return ByteOrder.LITTLE_ENDIAN;
  }

  @Override
  public final long mailbox() {
    return STUB + 0x8000;
  }

  @Override
  public final long requests() {
    return STUB + 0x1_0000;
  }

  @Override
  public final List<AddressRange> reservedPa() {
    return List.of(AddressRange.of(0, FIRST_RESERVED_END), RESET);
  }

  @Override
  public final void install(GuestRam ram) {
    ram.store(RESET_CODE, Stub.read(X86Machine.class, resources + "-rom.hex"));
    ram.store(STUB, Stub.read(X86Machine.class, resources + "-stub.hex"));
    ram.store(STUB + GDT, 0);
    installSegments(ram);
    ram.storeShort(STUB + GDTR, 7 * Long.BYTES - 1);
    ram.storeUnaligned(STUB + GDTR + 2, stubVa() + GDT);
    ram.storeShort(STUB + IDTR, PAGE - 1);
    ram.storeUnaligned(STUB + IDTR + 2, stubVa() + IDT);
    ram.storeShort(STUB + TSS + IO_MAP, TSS_BYTES);
    for (int vector = 0; vector < VECTORS; vector++) {
      // The last is for INT from code that was fetched, with or without privilege.
      int type = vector == VECTORS - 1 ? 0xEE : 0x8E;
      installGate(ram, STUB + IDT, vector, stubVa() + THUNKS + 16L * vector, type);
    }
    installTables(ram);
  }

  /** {@code mov eax, tag; int 0x30}. */
  @Override
  public final byte[] code(int tag) {
    return new byte[] {
      (byte) 0xB8,
      (byte) tag,
      (byte) (tag >>> 8),
      (byte) (tag >>> 16),
      (byte) (tag >>> 24),
      (byte) 0xCD,
      0x30
    };
  }

  @Override
  public final X86Regime regime(
      GuestRam ram, List<RegisterValue> activation, SplittableRandom random) {
    Map<String, Long> values = new HashMap<>();
    activation.forEach(one -> values.put(one.name(), one.value()));
    long cr3 = value(values, "CR3");
    X86Regime.Root root = X86Regime.Root.ONLY;
    if (values.containsKey("CR3.user")) {
      root = random.nextBoolean() ? X86Regime.Root.KERNEL : X86Regime.Root.USER;
      cr3 = root == X86Regime.Root.USER ? value(values, "CR3.user") : cr3;
    }
    // EFER.SCE, CR0.MP and CR0.NE stay as the boot set them.
    long efer = value(values, "EFER") | 1;
    long cr0 = value(values, "CR0") | PROTECTED_PAGED;
    long cr4 = value(values, "CR4");
    int pkru = 0;
    String title = "as Linux";
    switch (random.nextInt(KINDS_OF_REGIME)) {
      case 0 -> {
        title = "WP off";
        cr0 &= ~X86Regime.CR0_WP;
      }
      case 1 -> {
        title = "SMEP and SMAP";
        cr4 |= X86Regime.CR4_SMEP | X86Regime.CR4_SMAP;
      }
      case 2, 3 -> {
        // Outside long mode PKE has no effect, and there are no keys.
        if (hasKeys()) {
          pkru = random.nextInt();
          title = "PKRU 0x" + Integer.toHexString(pkru);
          cr4 |= X86Regime.CR4_PKE;
        }
      }
      default -> {}
    }
    // The kernel's root has XD in its own items, so without NXE even holes below them are reserved.
    if (root != X86Regime.Root.KERNEL && random.nextInt(12) == 0) {
      title += ", NXE off";
      efer &= ~X86Regime.EFER_NXE;
    }
    if (root != X86Regime.Root.ONLY) {
      title += ", the " + (root == X86Regime.Root.USER ? "user" : "kernel") + "'s root";
    }
    return new X86Regime(title, copyRoot(ram, cr3), efer, cr0, cr4, pkru, va, root);
  }

  /** Whether leaves have protection keys. */
  abstract boolean hasKeys();

  private static long value(Map<String, Long> values, String register) {
    Long value = values.get(register);
    if (value == null) {
      throw new IllegalArgumentException("x86 activates a root with " + register + ": " + values);
    }
    return value;
  }

  @Override
  public final Outcome outcome(GuestRam ram, Probe probe, long request) {
    long status = ram.load(request + STATUS);
    if (status == Outcome.NO_FAULT) {
      return Outcome.at(ram.load(request + VALUE));
    }
    boolean pageFault = status >>> Integer.SIZE == PAGE_FAULT;
    // QEMU 7.2 reports a reserved bit as if the page were not present; processors do not.
    long fault = pageFault && (status & RESERVED) != 0 ? status | P : status;
    return Outcome.fault(fault, pageFault ? ram.load(request + CR2) : 0);
  }

  @Override
  public final String describe(long fault) {
    int code = (int) fault;
    return switch ((int) (fault >>> Integer.SIZE)) {
      case PAGE_FAULT -> "#PF with error code 0x" + Integer.toHexString(code);
      case 13 -> "#GP with error code 0x" + Integer.toHexString(code);
      default -> "exception " + Hex.of(fault);
    };
  }
}
