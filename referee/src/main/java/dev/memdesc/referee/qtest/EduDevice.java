package dev.memdesc.referee.qtest;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SpinWait;
import java.util.List;

/**
 * QEMU's {@code edu}: a PCI device that copies between memory and a buffer of its own, and writes a
 * message to memory at once. All addresses that it uses go through the IOMMU.
 *
 * <p>The buffer cannot be read from outside: fill it by {@link Transfer#read}, see it by {@link
 * Transfer#write}. The device reports no errors; what a refused read should have brought is 0.
 */
public final class EduDevice {
  /**
   * The most bytes of a transfer, counted from the buffer's begin: QEMU 7.2 ends at the buffer's
   * last byte.
   */
  public static final int MOST_BYTES = 4095;

  private static final long ID = 0x11E8_1234L;
  private static final long IDENTIFICATION = 0x0100_00EDL;
  private static final long BUFFER = 0x40000;

  /** PCI configuration: command, first BAR, and the message capability, of 64 bits. */
  private static final int COMMAND = 0x04;

  private static final long MEMORY_AND_BUS_MASTER = 0x6;
  private static final int BAR0 = 0x10;
  private static final int MSI_CONTROL = 0x40;
  private static final long MSI_ENABLE = 1L << 16;
  private static final int MSI_ADDRESS = 0x44;
  private static final int MSI_ADDRESS_HIGH = 0x48;
  private static final int MSI_DATA = 0x4C;

  /** Registers in the BAR. */
  private static final int RAISE = 0x60;

  private static final int SOURCE = 0x80;
  private static final int DESTINATION = 0x88;
  private static final int COUNT = 0x90;
  private static final int TRANSFER = 0x98;
  private static final long START = 1;
  private static final long TO_MEMORY = 2;

  private static final int QUICK_POLLS = 3;
  private static final long POLL_NANOS = 50_000;
  private static final long MOST_NANOS = 120_000_000_000L;

  private final QtestSocket socket;
  private final PciBus pci;
  private final int bdf;
  private final long bar;

  /**
   * Sets a device up: its registers at {@code bar}, bus mastering and messages on.
   *
   * @throws PageTableException with {@link Reason#TOOL} if it is not there
   */
  public EduDevice(QtestSocket socket, PciBus pci, int bdf, long bar) {
    this.socket = socket;
    this.pci = pci;
    this.bdf = bdf;
    this.bar = bar;
    require("the device is an edu", config(0), ID);
    QtestBatch batch = socket.newBatch();
    pci.write(batch, bdf, BAR0, bar);
    pci.write(batch, bdf, COMMAND, MEMORY_AND_BUS_MASTER);
    pci.write(batch, bdf, MSI_CONTROL, config(MSI_CONTROL) | MSI_ENABLE);
    batch.run();
    require("an edu answers at its BAR", socket.readl(bar), IDENTIFICATION);
  }

  private long config(int offset) {
    QtestBatch batch = socket.newBatch();
    pci.read(batch, bdf, offset);
    long[] answers = batch.run();
    return answers[answers.length - 1];
  }

  private void require(String rule, long found, long wanted) {
    if (found != wanted) {
      throw PageTableException.because(Reason.TOOL, rule)
          .with("bdf", "0x" + Integer.toHexString(bdf))
          .hex("found", found)
          .hex("wanted", wanted)
          .build();
    }
  }

  /** Its number: what IOMMUs call source id or StreamID. */
  public int bdf() {
    return bdf;
  }

  /**
   * One copy.
   *
   * @param device who does it
   * @param write whether it writes to memory
   * @param iova where in memory
   * @param count how many bytes, 1 to {@link #MOST_BYTES}
   * @param at where in the buffer; {@code at + count} is at most {@link #MOST_BYTES}
   */
  public record Transfer(EduDevice device, boolean write, long iova, int count, int at) {
    /** Checks the range: QEMU would end. */
    public Transfer {
      if (count < 1 || at < 0 || count > MOST_BYTES - at) {
        throw PageTableException.because(
                Reason.INCONSISTENT, "a transfer ends before the buffer's last byte")
            .with("at", at)
            .with("count", count)
            .build();
      }
    }

    /** The device reads memory. */
    public static Transfer read(EduDevice device, long iova, int count, int at) {
      return new Transfer(device, false, iova, count, at);
    }

    /** The device writes memory. */
    public static Transfer write(EduDevice device, long iova, int count, int at) {
      return new Transfer(device, true, iova, count, at);
    }
  }

  /** Reads memory into the buffer's begin. */
  public void read(long iova, int count) {
    run(List.of(Transfer.read(this, iova, count, 0)));
  }

  /** Writes the buffer's begin to memory. */
  public void write(long iova, int count) {
    run(List.of(Transfer.write(this, iova, count, 0)));
  }

  /**
   * Does one transfer with each of several devices at once, and returns when all are done. While
   * one is under way a device ignores another.
   *
   * @throws PageTableException with {@link Reason#TOOL} if QEMU does not answer, or a transfer does
   *     not end
   */
  public static void run(List<Transfer> transfers) {
    QtestBatch batch = transfers.getFirst().device().socket.newBatch();
    for (Transfer one : transfers) {
      one.device().start(batch, one);
    }
    transfers.forEach(one -> batch.readq(one.device().bar + TRANSFER));
    long begin = System.nanoTime();
    long[] states = batch.run();
    for (int polls = 1; !allDone(states, transfers.size()); polls++) {
      if (System.nanoTime() - begin > MOST_NANOS) {
        throw PageTableException.because(Reason.TOOL, "a transfer ends within 2 minutes")
            .with("transfers", transfers)
            .build();
      }
      if (polls > QUICK_POLLS) {
        // Who asks without a pause keeps QEMU from its timers.
        SpinWait.park(POLL_NANOS);
      }
      transfers.forEach(one -> batch.readq(one.device().bar + TRANSFER));
      states = batch.run();
    }
  }

  private void start(QtestBatch batch, Transfer one) {
    long buffer = BUFFER + one.at();
    batch
        .writeq(bar + SOURCE, one.write() ? buffer : one.iova())
        .writeq(bar + DESTINATION, one.write() ? one.iova() : buffer)
        .writeq(bar + COUNT, one.count())
        .writeq(bar + TRANSFER, START | (one.write() ? TO_MEMORY : 0));
  }

  private static boolean allDone(long[] states, int devices) {
    for (int i = states.length - devices; i < states.length; i++) {
      if ((states[i] & START) != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Puts a write of four bytes into a batch: when it has run, the write is done, or refused.
   *
   * @param iova a multiple of 4
   * @param value 0..0xFFFF, whose high half is written as 0
   */
  public void message(QtestBatch batch, long iova, int value) {
    if ((iova & 3) != 0 || value >>> Short.SIZE != 0) {
      throw PageTableException.because(
              Reason.INCONSISTENT, "a message has an aligned address and 16 bits")
          .hex("iova", iova)
          .with("value", value)
          .build();
    }
    pci.write(batch, bdf, MSI_ADDRESS, iova & 0xFFFF_FFFFL);
    pci.write(batch, bdf, MSI_ADDRESS_HIGH, iova >>> Integer.SIZE);
    pci.write(batch, bdf, MSI_DATA, value);
    batch.writel(bar + RAISE, 1);
  }

  @Override
  public String toString() {
    return "edu 0x" + Integer.toHexString(bdf);
  }
}
