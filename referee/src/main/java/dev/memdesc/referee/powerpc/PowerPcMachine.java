package dev.memdesc.referee.powerpc;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.api.spi.RegisterValue;
import dev.memdesc.referee.GuestMachine;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Regime;
import dev.memdesc.referee.Stub;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A POWER9 in hypervisor real mode. The tree under test is that of PID 1, in quadrant 0; what the
 * stub does without privilege runs in quadrant 3, in a tree of its own (PID 0).
 */
final class PowerPcMachine implements GuestMachine {
  private static final long PARTITION_TABLE = 0x10_0000;
  private static final long PROCESS_TABLE = 0x10_1000;
  private static final long STUB_PUD = 0x10_2000;
  private static final long STUB_PGD = 0x11_0000;
  private static final int ENTRY_BYTES = 16;
  private static final int PID = 1;

  private static final long V = 1L << 63;
  private static final long L = 1L << 62;

  /** R, C, and all rights for everybody. */
  private static final long ALL = 0x187;

  private static final long HR = 1L << 63;

  /** RTS of 52 bits and 2^13 items in the root. */
  private static final long ROOT = 1L << 62 | 5L << 5 | 13;

  private static final long NLS_9 = 9;

  private static final int BOOT_LPCR = 0x80;
  private static final int BOOT_PTCR = 0x88;
  private static final long LPCR_HR_UPRT_GTSE = 1L << 20 | 1L << 22 | 1L << 10;

  private static final int VALUE = 0x20;
  private static final int STATUS = 0x28;
  private static final int CAUSE = 0x30;
  private static final int ADDRESS = 0x38;
  private static final long MACHINE_CHECK = 0x200;

  /** Of SRR1 the bits that tell why a fetch was refused. */
  private static final long FETCH_CAUSES = 0x5A00_0000L;

  private final VaRule va;

  PowerPcMachine(VaRule va) {
    this.va = va;
  }

  @Override
  public String program() {
    return "qemu-system-ppc64";
  }

  @Override
  public List<String> command(Path program, Path folder) {
    return List.of(program.toString(), "-cpu", "power9", "-device", "loader,addr=0x2000,cpu-num=0");
  }

  @Override
  public String machineType() {
    return "none";
  }

  @Override
  public ByteOrder order() {
    return ByteOrder.BIG_ENDIAN;
  }

  @Override
  public long mailbox() {
    return 0x4000;
  }

  @Override
  public long requests() {
    return 0x1_0000;
  }

  @Override
  public List<AddressRange> reservedPa() {
    return List.of(new AddressRange(0, 0xFF_FFFFL));
  }

  @Override
  public List<AddressRange> reservedVa() {
    return List.of();
  }

  /** Quadrant 0: in the others other trees are walked. */
  @Override
  public boolean canProbe(long address) {
    return address >>> 62 == 0;
  }

  @Override
  public void install(GuestRam ram) {
    ram.store(0, Stub.read(PowerPcMachine.class, "stub.hex"));
    ram.store(STUB_PGD, V | STUB_PUD | NLS_9);
    ram.store(STUB_PUD, V | L | ALL);
    ram.store(PARTITION_TABLE, HR | ROOT | STUB_PGD);
    ram.store(PARTITION_TABLE + Long.BYTES, PROCESS_TABLE);
    ram.store(PROCESS_TABLE, ROOT | STUB_PGD);
    ram.store(mailbox() + BOOT_LPCR, LPCR_HR_UPRT_GTSE);
    ram.store(mailbox() + BOOT_PTCR, PARTITION_TABLE);
  }

  /** {@code lis 7, tag@h; ori 7, 7, tag@l; sc}. */
  @Override
  public byte[] code(int tag) {
    return new byte[] {
      0x3C,
      (byte) 0xE0,
      (byte) (tag >>> 24),
      (byte) (tag >>> 16),
      0x60,
      (byte) 0xE7,
      (byte) (tag >>> 8),
      (byte) tag,
      0x44,
      0,
      0,
      2
    };
  }

  @Override
  public Regime regime(GuestRam ram, List<RegisterValue> activation, SplittableRandom random) {
    for (RegisterValue register : activation) {
      int word = List.of("PRTE.0", "PRTE.1").indexOf(register.name());
      if (word >= 0) {
        ram.store(
            PROCESS_TABLE + (long) PID * ENTRY_BYTES + (long) word * Long.BYTES, register.value());
      }
    }
    return switch (random.nextInt(6)) {
      case 0 -> new PowerPcRegime("AMR no loads", PID, PowerPcRegime.NO_LOADS, 0, va);
      case 1 -> new PowerPcRegime("AMR no stores", PID, PowerPcRegime.NO_STORES, 0, va);
      case 2 -> new PowerPcRegime("IAMR", PID, 0, PowerPcRegime.NO_FETCHES, va);
      default -> new PowerPcRegime("radix", PID, 0, 0, va);
    };
  }

  @Override
  public Outcome outcome(GuestRam ram, Probe probe, long request) {
    long status = ram.load(request + STATUS);
    if (status == Outcome.NO_FAULT) {
      return Outcome.at(ram.load(request + VALUE));
    }
    if (status == MACHINE_CHECK) {
      return Outcome.at(Outcome.BEYOND_RAM);
    }
    long cause =
        switch ((int) status) {
          case PowerPcRegime.DATA_STORAGE -> ram.load(request + CAUSE) & 0xFFFF_FFFFL;
          case PowerPcRegime.DATA_SEGMENT, PowerPcRegime.INSTRUCTION_SEGMENT -> 0;
          default -> ram.load(request + CAUSE) & FETCH_CAUSES;
        };
    return Outcome.fault(status << PowerPcRegime.VECTOR_SHIFT | cause, ram.load(request + ADDRESS));
  }

  @Override
  public String describe(long fault) {
    return "interrupt 0x%x, DSISR or SRR1 0x%08x"
        .formatted(fault >>> PowerPcRegime.VECTOR_SHIFT, fault & 0xFFFF_FFFFL);
  }
}
