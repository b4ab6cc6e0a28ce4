package dev.memdesc.referee.qtest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Commands that go to QEMU in one piece and are done in their order: the protocol has one line for
 * each, and one for each answer. Belongs to one thread.
 *
 * <p>Addresses and values are printed as C reads them; a line that QEMU cannot read would end it.
 */
public final class QtestBatch {
  private static final int FIRST_BYTES = 1024;
  private static final int LINE_BYTES = 64;
  private static final int DIGIT_BITS = 4;
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final QtestSocket socket;
  private byte[] text = new byte[FIRST_BYTES];
  private int bytes;
  private int commands;

  QtestBatch(QtestSocket socket) {
    this.socket = socket;
  }

  /** Reads a 32-bit register. */
  public QtestBatch readl(long address) {
    return add("readl", address);
  }

  /** Reads a 64-bit register. */
  public QtestBatch readq(long address) {
    return add("readq", address);
  }

  /** Writes the low 32 bits of a value. */
  public QtestBatch writel(long address, long value) {
    return add("writel", address, value & 0xFFFF_FFFFL);
  }

  /** Writes 64 bits. */
  public QtestBatch writeq(long address, long value) {
    return add("writeq", address, value);
  }

  /** Reads 32 bits of x86's I/O space. */
  public QtestBatch inl(int port) {
    return add("inl", port);
  }

  /** Writes 32 bits of x86's I/O space. */
  public QtestBatch outl(int port, long value) {
    return add("outl", port, value & 0xFFFF_FFFFL);
  }

  /** How many commands wait to be run. */
  public int size() {
    return commands;
  }

  /**
   * Runs the commands, and is empty then.
   *
   * @return what each one answered; 0 for a write
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#TOOL} if QEMU
   *     does not answer, refuses a command, or ends
   */
  public long[] run() {
    int count = commands;
    int length = bytes;
    commands = 0;
    bytes = 0;
    return socket.run(text, length, count);
  }

  private QtestBatch add(String name, long... numbers) {
    if (text.length - bytes < LINE_BYTES) {
      text = Arrays.copyOf(text, 2 * text.length);
    }
    for (int i = 0; i < name.length(); i++) {
      text[bytes++] = (byte) name.charAt(i);
    }
    for (long number : numbers) {
      text[bytes++] = ' ';
      text[bytes++] = '0';
      text[bytes++] = 'x';
      int digits = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(number) + 3) / DIGIT_BITS);
      for (int i = digits - 1; i >= 0; i--) {
        text[bytes++] = DIGITS[(int) (number >>> (DIGIT_BITS * i)) & 0xF];
      }
    }
    text[bytes++] = '\n';
    commands++;
    return this;
  }
}
