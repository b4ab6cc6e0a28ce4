package dev.memdesc.referee.s390;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.RegisterValue;
import dev.memdesc.referee.GuestMachine;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Regime;
import dev.memdesc.referee.Stub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * An s390x machine. QEMU 7.2 walks frames of 1 MiB and 2 GiB, but it does not give its processors
 * the facilities (EDAT-1 and EDAT-2) without which they are not asked for. So it runs from a copy
 * of the program whose list of features has these two bits.
 */
final class S390Machine implements GuestMachine {
  private static final int IMAGE_BYTES = 0x3000;
  private static final long CR0_SECONDARY_SPACE = 0x0400_0000;

  /** Words 0 and 1 of the features of QEMU's {@code max} processor; EDAT is 7, EDAT-2 is 66. */
  private static final long FEATURES_0 = 0x9C9B_A46B_F5B7_814FL;

  private static final long FEATURES_1 = 0xFFFC_0001_0005_09C3L;
  private static final long EDAT = 1L << 7;
  private static final long EDAT_2 = 1L << (66 - 64);

  /** QEMU puts its firmware below 2 GiB, also where that is not started. */
  private static final AddressRange FIRMWARE = new AddressRange(0x7FC0_0000L, 0x7FFF_FFFFL);

  private static final AddressRange STUB = new AddressRange(0, 0xFF_FFFFL);

  private static final int VALUE = 0x20;
  private static final int STATUS = 0x28;
  private static final int TEID = 0x30;
  private static final long LOAD_REAL_ADDRESS = 8;
  private static final long ADDRESSING = 0x05;
  private static final long SPECIFICATION = 0x12;

  private final TableFormat format;

  S390Machine(TableFormat format) {
    this.format = format;
  }

  @Override
  public String program() {
    return "qemu-system-s390x";
  }

  @Override
  public List<String> command(Path program, Path folder) {
    Path image = folder.resolve("s390.img");
    Path copy = folder.resolve("qemu-with-edat");
    Path data = program.resolveSibling("../share/qemu").normalize();
    try {
      byte[] code = Stub.read(S390Machine.class, "stub.hex");
      Files.write(image, Arrays.copyOf(code, IMAGE_BYTES));
      Files.write(copy, withEdat(Files.readAllBytes(program), program));
      if (!copy.toFile().setExecutable(true)) {
        throw new IOException("cannot be made executable: " + copy);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of(
        copy.toString(), "-L", data.toString(), "-cpu", "max", "-kernel", image.toString());
  }

  /** The program with two more bits in its one list of features. */
  static byte[] withEdat(byte[] program, Path path) {
    ByteBuffer bytes = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    int found = -1;
    int places = 0;
    for (int at = 0; at <= program.length - 2 * Long.BYTES; at += Long.BYTES) {
      if (bytes.getLong(at) == FEATURES_0 && bytes.getLong(at + Long.BYTES) == FEATURES_1) {
        found = at;
        places++;
      }
    }
    if (places != 1) {
      throw PageTableException.because(Reason.TOOL, "QEMU's list of s390 features is known")
          .with("program", path)
          .with("places", places)
          .hint("without EDAT it walks no large frame; it was proven with Debian's 7.2")
          .build();
    }
    bytes.putLong(found, FEATURES_0 | EDAT);
    bytes.putLong(found + Long.BYTES, FEATURES_1 | EDAT_2);
    return program;
  }

  @Override
  public String machineType() {
    return "s390-ccw-virtio";
  }

  @Override
  public ByteOrder order() {
    return ByteOrder.BIG_ENDIAN;
  }

  @Override
  public long mailbox() {
    return 0x3000;
  }

  @Override
  public long requests() {
    return 0x1_0000;
  }

  @Override
  public List<AddressRange> reservedPa() {
    return List.of(STUB, FIRMWARE);
  }

  @Override
  public List<AddressRange> reservedVa() {
    return List.of();
  }

  /** QEMU loads the stub. */
  @Override
  public void install(GuestRam ram) {}

  /** {@code lgfi %r7, tag; svc 0}. */
  @Override
  public byte[] code(int tag) {
    return new byte[] {
      (byte) 0xC0,
      0x71,
      (byte) (tag >>> 24),
      (byte) (tag >>> 16),
      (byte) (tag >>> 8),
      (byte) tag,
      0x0A,
      0
    };
  }

  @Override
  public Regime regime(GuestRam ram, List<RegisterValue> activation, SplittableRandom random) {
    long asce = value(activation, "CR1");
    long cr0 = value(activation, "CR0") | CR0_SECONDARY_SPACE;
    if (random.nextInt(8) == 0) {
      cr0 &= ~S390Regime.CR0_IEP;
    }
    // Whose formats note accesses in software's bits keeps leaves invalid until the first.
    boolean linux = format.level(0).accessed().mask() != 0;
    return new S390Regime(asce, cr0, format.va(), linux);
  }

  private static long value(List<RegisterValue> activation, String name) {
    return activation.stream()
        .filter(register -> register.name().equals(name))
        .mapToLong(RegisterValue::value)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public long operation(Probe probe) {
    return probe.kind().touches() ? probe.kind().ordinal() : LOAD_REAL_ADDRESS;
  }

  @Override
  public Outcome outcome(GuestRam ram, Probe probe, long request) {
    long status = ram.load(request + STATUS);
    long value = ram.load(request + VALUE);
    if (!probe.kind().touches()) {
      // QEMU gives condition code 3 and the exception's code for every exception.
      return status == 0 ? Outcome.at(value) : Outcome.fault(value & 0xFFFF, 0);
    }
    if (status == Outcome.NO_FAULT) {
      return Outcome.at(value);
    }
    if (status == ADDRESSING) {
      return Outcome.at(Outcome.BEYOND_RAM);
    }
    if (status == SPECIFICATION) {
      return Outcome.fault(status, 0);
    }
    long teid = ram.load(request + TEID);
    long kind =
        status == S390Regime.PROTECTION
            ? (teid & S390Regime.FETCH_PROTECTED) << S390Regime.TEID_SHIFT
            : 0;
    return Outcome.fault(status | kind, teid & -4096L);
  }

  @Override
  public String describe(long fault) {
    return "program interruption 0x"
        + Long.toHexString(fault & 0xFFFF)
        + ((fault >>> S390Regime.TEID_SHIFT) == 0
            ? ""
            : ", TEID bits 0x" + Long.toHexString(fault >>> S390Regime.TEID_SHIFT));
  }
}
