package dev.memdesc.examples.riscv;

import com.google.auto.service.AutoService;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.RegisterValue;
import dev.memdesc.referee.Guest;
import dev.memdesc.referee.GuestMachine;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Regime;
import dev.memdesc.referee.Stub;
import dev.memdesc.referee.Unseen;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** RISC-V under QEMU. The stub stays in machine mode, where nothing is translated. */
@AutoService(Guest.class)
public final class RiscvGuest implements Guest {
  /** Found by {@link java.util.ServiceLoader}. */
  public RiscvGuest() {}

  @Override
  public String backend() {
    return RiscvBackend.NAME;
  }

  @Override
  public String obstacle(TableFormat format) {
    return "";
  }

  @Override
  public List<Unseen> unseen(TableFormat format) {
    // QEMU 7.2 lets reserved bits be, and N too where there is no Svnapot.
    long reserved = RiscvFormat.RESERVED | (hasSvnapot(format) ? 0 : RiscvFormat.N);
    return List.of(
        Unseen.inLeaves("reserved bits", reserved),
        Unseen.inTables("reserved bits of table entries", RiscvFormat.RESERVED),
        Unseen.inLeaves("cacheability", RiscvFormat.PBMT),
        Unseen.inLeaves("global", RiscvFormat.G),
        Unseen.inLeaves("software bits", RiscvFormat.RSW),
        Unseen.inTables("software bits of table entries", RiscvFormat.RSW | RiscvFormat.G),
        Unseen.of("ASID"),
        Unseen.of("where a pa above 2^38 is"));
  }

  private static boolean hasSvnapot(TableFormat format) {
    return format.level(0).leaves().size() > 1;
  }

  @Override
  public GuestMachine machine(TableFormat format) {
    return new Machine(format);
  }

  private record Machine(TableFormat format) implements GuestMachine {
    private static final int VALUE = 0x20;
    private static final int STATUS = 0x28;
    private static final int MTVAL = 0x30;
    private static final long LOAD_ACCESS_FAULT = 5;
    private static final long STORE_ACCESS_FAULT = 7;

    @Override
    public String program() {
      return "qemu-system-riscv64";
    }

    @Override
    public List<String> command(Path program, Path folder) {
      return List.of(
          program.toString(),
          "-cpu",
          "rv64,svpbmt=true" + (hasSvnapot(format) ? ",svnapot=true" : ""),
          "-device",
          "loader,addr=0x1000,cpu-num=0");
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
      return 0x8000;
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

    @Override
    public void install(GuestRam ram) {
      ram.store(0x1000, Stub.read(RiscvGuest.class, "stub.hex"));
    }

    /** {@code lui a0, tag; addiw a0, a0, tag; ecall}. */
    @Override
    public byte[] code(int tag) {
      int low = tag << 20 >> 20;
      int[] words = {((tag - low) & 0xFFFF_F000) | 0x537, low << 20 | 0x5051B, 0x73};
      byte[] code = new byte[words.length * Integer.BYTES];
      for (int i = 0; i < code.length; i++) {
        code[i] = (byte) (words[i / Integer.BYTES] >>> (i % Integer.BYTES * Byte.SIZE));
      }
      return code;
    }

    @Override
    public Regime regime(GuestRam ram, List<RegisterValue> activation, SplittableRandom random) {
      long mstatus =
          (random.nextBoolean() ? RiscvRegime.SUM : 0)
              | (random.nextInt(3) == 0 ? RiscvRegime.MXR : 0);
      return new RiscvRegime(activation.getFirst().value(), mstatus, format.va());
    }

    @Override
    public Outcome outcome(GuestRam ram, Probe probe, long request) {
      long status = ram.load(request + STATUS);
      if (status == Outcome.NO_FAULT) {
        return Outcome.at(ram.load(request + VALUE));
      }
      return status == LOAD_ACCESS_FAULT || status == STORE_ACCESS_FAULT
          ? Outcome.at(Outcome.BEYOND_RAM)
          : Outcome.fault(status, ram.load(request + MTVAL));
    }

    @Override
    public String describe(long fault) {
      return "mcause " + fault;
    }
  }
}
