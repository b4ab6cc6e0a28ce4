package dev.memdesc.referee;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.spi.RegisterValue;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A QEMU machine for one format, with the stub that works through batches. A batch is in RAM, in
 * the guest's byte order:
 *
 * <pre>
 *   mailbox   0 number of the batch (the host writes it last)   8 the same when it is done
 *             0x10 how many requests   0x18... registers
 *   request   0 va   8 operation   0x10 argument   0x20 value   0x28 status   0x30, 0x38 more
 * </pre>
 */
public interface GuestMachine {
  /** Added to an operation: forget all translations before it. */
  long FLUSH = 0x100;

  /** Most requests of a batch. */
  int MOST_REQUESTS = 8192;

  /** Bytes of a request. */
  int REQUEST_BYTES = 64;

  /** The program, such as {@code qemu-system-x86_64}. */
  String program();

  /**
   * The program to start and its options, beside those that give it the RAM.
   *
   * @param program the program that was found
   * @param folder for files that it needs; emptied later
   */
  List<String> command(Path program, Path folder);

  /** The machine's type, such as {@code none}. */
  String machineType();

  /** The byte order of data. */
  ByteOrder order();

  /** The pa of the mailbox. */
  long mailbox();

  /** The pa of the first request. */
  long requests();

  /** RAM that is the stub's, and must hold neither tables nor data. */
  List<AddressRange> reservedPa();

  /** What of the format's va is the stub's, and must not be mapped or probed. */
  List<AddressRange> reservedVa();

  /** Whether a va, of the format or not, may be probed: the table under test is walked for it. */
  default boolean canProbe(long va) {
    return reservedVa().stream().noneMatch(range -> range.contains(va));
  }

  /** Puts the stub and what it needs into RAM, before the start. */
  void install(GuestRam ram);

  /** The instructions that a fetch finds: they report the tag and end the probe. */
  byte[] code(int tag);

  /**
   * A random setting of the registers for the next batch.
   *
   * @param activation what the backend says that registers must hold for the root
   */
  Regime regime(GuestRam ram, List<RegisterValue> activation, SplittableRandom random);

  /** The operation of a probe. */
  default long operation(Probe probe) {
    return (long) probe.kind().ordinal() + (probe.user() ? 4 : 0);
  }

  /**
   * How a probe ended, from the words of its request at {@code request}. Where it reached
   * something, {@code address} is the word that was loaded, the tag of the code that was found, or
   * the pa that the processor told; of a store nothing.
   */
  Outcome outcome(GuestRam ram, Probe probe, long request);

  /** A fault in words. */
  String describe(long fault);
}
