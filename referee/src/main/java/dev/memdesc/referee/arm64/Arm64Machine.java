package dev.memdesc.referee.arm64;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.RegisterValue;
import dev.memdesc.referee.GuestMachine;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Regime;
import dev.memdesc.referee.Stub;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * An arm64 processor at EL1. The stub lives in the half of the va space that is not under test,
 * with 39 bits of va and one block of 1 GiB.
 */
final class Arm64Machine implements GuestMachine {
  private static final long STUB = 0x20_0000;
  private static final long STUB_ROOT = STUB + 0x10_0000;
  private static final int STUB_TSZ = 25;
  private static final int BOOT = 0x80;

  /** Valid block at pa 0, accessed, memory type 0, for EL1. */
  private static final long STUB_BLOCK = 0x401;

  private static final long MAIR_WRITE_BACK = 0xFF;

  /** Walks are write-back; with DS a block's shareability is here, too. */
  private static final long WALKS = 0x35 << 8;

  private static final int UPPER_SHIFT = 16;
  private static final long TCR_HALF = 0xFFFF;
  private static final long TG1_4K = 2L << 30;
  private static final long IPS_48 = 5L << 32;
  private static final long HA_HD = 3L << 39;

  /** RES1 bits and M; exceptions leave PAN as it is (SPAN). */
  private static final long SCTLR = 0x30D0_0801L | 1 << 23;

  private static final long PAN_OFF = 1;
  private static final long PAN_ON = 2;

  private static final int BIT_OF_HALF = 55;

  private static final int VALUE = 0x20;
  private static final int STATUS = 0x28;
  private static final int FAR = 0x30;
  private static final int ESR_CLASS_SHIFT = 26;
  private static final long SVC = 0x15;
  private static final long STATUS_MASK = 0x3F;
  private static final long EXTERNAL_ABORT = 0x10;
  private static final long PAR_PA = 0xF_FFFF_FFFF_F000L;
  private static final int LOCATE = 8;

  private final TableFormat format;
  private final boolean upper;

  Arm64Machine(TableFormat format) {
    this.format = format;
    this.upper = format.va().extend(0) != 0;
  }

  @Override
  public String program() {
    return "qemu-system-aarch64";
  }

  @Override
  public List<String> command(Path program, Path folder) {
    return List.of(
        program.toString(),
        "-cpu",
        "max",
        "-device",
        "loader,addr=0x" + Long.toHexString(STUB) + ",cpu-num=0");
  }

  @Override
  public String machineType() {
    return "none";
  }

  @Override
  public ByteOrder order() {
    return ByteOrder.LITTLE_ENDIAN;
  }

  @Override
  public long mailbox() {
    return STUB + 0x8000;
  }

  @Override
  public long requests() {
    return STUB + 0x9000;
  }

  @Override
  public List<AddressRange> reservedPa() {
    return List.of(new AddressRange(0, 0xFF_FFFFL));
  }

  @Override
  public List<AddressRange> reservedVa() {
    return List.of();
  }

  /** Bit 55 chooses the half. */
  @Override
  public boolean canProbe(long va) {
    return (va >>> BIT_OF_HALF & 1) == (upper ? 1 : 0);
  }

  @Override
  public void install(GuestRam ram) {
    ram.store(STUB, Stub.read(Arm64Machine.class, "stub.hex"));
    // The boot goes from where it is to the stub's half: both are the same block.
    ram.store(STUB_ROOT, STUB_BLOCK);
    long lower = STUB_TSZ | WALKS;
    long stubVa = upper ? STUB : STUB - (1L << (Long.SIZE - STUB_TSZ));
    long[] boot = {
      STUB_ROOT,
      STUB_ROOT,
      lower | lower << UPPER_SHIFT | TG1_4K | IPS_48,
      MAIR_WRITE_BACK,
      SCTLR,
      stubVa
    };
    for (int i = 0; i < boot.length; i++) {
      ram.store(mailbox() + BOOT + (long) i * Long.BYTES, boot[i]);
    }
  }

  /** {@code movz x0, tag; movk x0, tag, lsl 16; svc 0}. */
  @Override
  public byte[] code(int tag) {
    int[] words = {0xD280_0000 | (tag & 0xFFFF) << 5, 0xF2A0_0000 | (tag >>> 16) << 5, 0xD400_0001};
    byte[] code = new byte[words.length * Integer.BYTES];
    for (int i = 0; i < code.length; i++) {
      code[i] = (byte) (words[i / Integer.BYTES] >>> (i % Integer.BYTES * Byte.SIZE));
    }
    return code;
  }

  @Override
  public Regime regime(GuestRam ram, List<RegisterValue> activation, SplittableRandom random) {
    Map<String, Long> values = new HashMap<>();
    activation.forEach(one -> values.put(one.name(), one.value()));
    long tcr = values.getOrDefault("TCR_EL1", 0L);
    long stub = STUB_TSZ | WALKS;
    // The other half is switched off in what the backend says; here it is the stub's.
    tcr =
        upper
            ? (tcr & ~TCR_HALF) | stub
            : (tcr & ~(TCR_HALF << UPPER_SHIFT)) | stub << UPPER_SHIFT | TG1_4K;
    boolean pan = random.nextInt(3) == 0;
    List<Long> words =
        List.of(
            values.getOrDefault("TTBR0_EL1", STUB_ROOT),
            values.getOrDefault("TTBR1_EL1", STUB_ROOT),
            tcr,
            values.getOrDefault("MAIR_EL1", 0L),
            SCTLR | values.getOrDefault("SCTLR_EL1", 0L),
            pan ? PAN_ON : PAN_OFF);
    return new Arm64Regime(format, words, pan, (tcr & HA_HD) == HA_HD);
  }

  @Override
  public long operation(Probe probe) {
    return switch (probe.kind()) {
      case LOCATE_LOAD -> LOCATE + (probe.user() ? 2 : 0);
      case LOCATE_STORE -> LOCATE + (probe.user() ? 3 : 1);
      case LOAD, STORE, FETCH -> GuestMachine.super.operation(probe);
    };
  }

  @Override
  public Outcome outcome(GuestRam ram, Probe probe, long request) {
    long value = ram.load(request + VALUE);
    if (!probe.kind().touches()) {
      return (value & 1) == 0
          ? Outcome.at((value & PAR_PA) | (probe.va() & 0xFFF))
          : Outcome.fault(value >>> 1 & STATUS_MASK, 0);
    }
    long esr = ram.load(request + STATUS);
    if (esr == Outcome.NO_FAULT || esr >>> ESR_CLASS_SHIFT == SVC) {
      return Outcome.at(value);
    }
    long status = esr & STATUS_MASK;
    if (status == EXTERNAL_ABORT) {
      return Outcome.at(Outcome.BEYOND_RAM);
    }
    long write = probe.kind() == Probe.Kind.FETCH ? 0 : esr & Arm64Regime.WRITE_NOT_READ;
    return Outcome.fault(
        esr >>> ESR_CLASS_SHIFT << Arm64Regime.CLASS_SHIFT | write | status,
        ram.load(request + FAR));
  }

  @Override
  public String describe(long fault) {
    return "exception class 0x%x, %sstatus 0x%02x"
        .formatted(
            fault >>> Arm64Regime.CLASS_SHIFT,
            (fault & Arm64Regime.WRITE_NOT_READ) != 0 ? "write, " : "",
            fault & STATUS_MASK);
  }
}
