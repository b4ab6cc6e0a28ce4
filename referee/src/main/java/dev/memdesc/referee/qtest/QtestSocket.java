package dev.memdesc.referee.qtest;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The connection to a QEMU that executes commands for us. A write of a register returns when the
 * device has acted on it. Safe for any number of threads: a batch is run whole.
 *
 * <p>An assertion in a device model ends QEMU; that is an answer too, so the end of the connection
 * is reported with what QEMU said.
 */
public final class QtestSocket implements AutoCloseable {
  // Where QEMU shares its processor with many others, an answer takes seconds.
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int HEX = 16;
  private static final String OK = "OK";
  private static final String INTERRUPT = "IRQ ";

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final Peer peer;
  private final Duration patience;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
  private final StringBuilder line = new StringBuilder();
  private final Object lock = new Object();
  private boolean broken;

  /** Says what became of QEMU. */
  @FunctionalInterface
  public interface Peer {
    /**
     * That something went wrong, with what QEMU said.
     *
     * @param rule that was broken
     * @param during what was tried
     */
    PageTableException failure(String rule, String during);
  }

  /**
   * Takes a connection, and closes it.
   *
   * @throws IOException if it is closed already
   */
  public QtestSocket(SocketChannel channel, Peer peer) throws IOException {
    this(channel, peer, PATIENCE);
  }

  /** With a time after which an answer is not waited for any more. */
  QtestSocket(SocketChannel channel, Peer peer, Duration patience) throws IOException {
    this.channel = channel;
    this.peer = peer;
    this.patience = patience;
    channel.configureBlocking(false);
    this.selector = Selector.open();
    this.key = channel.register(selector, SelectionKey.OP_READ);
  }

  /** Commands for one thread. */
  public QtestBatch newBatch() {
    return new QtestBatch(this);
  }

  /** Reads a 32-bit register. Throws as {@link QtestBatch#run}. */
  public long readl(long address) {
    return newBatch().readl(address).run()[0];
  }

  /** Reads a 64-bit register. Throws as {@link QtestBatch#run}. */
  public long readq(long address) {
    return newBatch().readq(address).run()[0];
  }

  /** Writes a 32-bit register. Throws as {@link QtestBatch#run}. */
  public void writel(long address, long value) {
    newBatch().writel(address, value).run();
  }

  /** Writes a 64-bit register. Throws as {@link QtestBatch#run}. */
  public void writeq(long address, long value) {
    newBatch().writeq(address, value).run();
  }

  /** Sends lines and collects an answer to each. */
  long[] run(byte[] text, int length, int answers) {
    // What was stored in shared memory before is there when QEMU reads the commands.
    VarHandle.fullFence();
    Request request = new Request(ByteBuffer.wrap(text, 0, length));
    synchronized (lock) {
      if (broken) {
        throw peer.failure("a connection to QEMU that broke is not used again", request.first());
      }
      broken = true;
      try {
        long[] values = exchange(request, answers);
        broken = false;
        return values;
      } catch (IOException e) {
        PageTableException failure =
            peer.failure("QEMU runs until it is told to stop", request.first());
        failure.addSuppressed(e);
        throw failure;
      }
    }
  }

  private record Request(ByteBuffer text) {
    /** Its first line, for messages. */
    String first() {
      String all = StandardCharsets.US_ASCII.decode(text.duplicate().rewind()).toString();
      int end = all.indexOf('\n');
      return end < 0 ? all : all.substring(0, end);
    }
  }

  private long[] exchange(Request request, int answers) throws IOException {
    ByteBuffer out = request.text().duplicate();
    long[] values = new long[answers];
    int got = 0;
    channel.write(out);
    while (got < answers) {
      String answer = nextLine();
      if (answer == null) {
        fill(out, request);
      } else if (!answer.startsWith(INTERRUPT)) {
        values[got++] = parse(answer, request);
      }
    }
    return values;
  }

  /** Waits until something can be read, or written if there is more to write. */
  private void fill(ByteBuffer out, Request request) throws IOException {
    key.interestOps(SelectionKey.OP_READ | (out.hasRemaining() ? SelectionKey.OP_WRITE : 0));
    if (selector.select(patience.toMillis()) == 0) {
      throw peer.failure(
          "QEMU answers within %d seconds".formatted(patience.toSeconds()), request.first());
    }
    selector.selectedKeys().clear();
    if (out.hasRemaining()) {
      channel.write(out);
    }
    in.clear();
    int count = channel.read(in);
    in.flip();
    if (count < 0) {
      throw peer.failure("QEMU runs until it is told to stop", request.first());
    }
  }

  /** The next whole line of what was read, without its end; null if there is none. */
  private @Nullable String nextLine() {
    while (in.hasRemaining()) {
      char c = (char) in.get();
      if (c == '\n') {
        String whole = line.toString();
        line.setLength(0);
        return whole;
      }
      line.append(c);
    }
    return null;
  }

  private static long parse(String answer, Request request) {
    if (answer.equals(OK)) {
      return 0;
    }
    int digits = OK.length() + " 0x".length();
    if (answer.startsWith(OK) && answer.length() > digits) {
      return Long.parseUnsignedLong(answer, digits, answer.length(), HEX);
    }
    throw PageTableException.because(Reason.TOOL, "QEMU understands what it is told")
        .with("first command", request.first())
        .with("answer", answer)
        .build();
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
