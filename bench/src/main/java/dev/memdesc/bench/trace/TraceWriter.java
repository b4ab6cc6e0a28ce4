package dev.memdesc.bench.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;

/** Prints events as a tracer does, into bytes. */
final class TraceWriter implements EventSink {
  private static final int BUFFER_BYTES = 1 << 16;

  /** More than a line has. */
  private static final int LINE_BYTES = 256;

  private static final int HEX_DIGITS = 16;
  private static final int CPUS = 8;
  private static final long FIRST_MICROS = 512_331_882;

  private final TraceStyle style;
  private final long events;
  private final RandomGenerator random;
  private final OutputStream out;
  private final byte[][] threads;
  private final byte[][] cpus = new byte[CPUS][];
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int length;
  private long micros = FIRST_MICROS;
  private long written;
  private long maps;
  private long unmaps;
  private long attaches;

  TraceWriter(TraceGenerator trace, RandomGenerator random, OutputStream out) {
    this.style = trace.style();
    this.events = trace.events();
    this.random = random;
    this.out = out;
    this.threads = threads(trace.kind().threads());
    for (int cpu = 0; cpu < CPUS; cpu++) {
      cpus[cpu] = bytes(" [%03d]%s".formatted(cpu, style == TraceStyle.FTRACE ? " d.s.." : ""));
    }
    if (style == TraceStyle.FTRACE) {
      text(bytes("# tracer: nop\n#\n"));
    } else if (style == TraceStyle.TRACE_CMD) {
      text(bytes("cpus=" + CPUS + "\n"));
    }
  }

  private byte[][] threads(List<String> names) {
    byte[][] all = new byte[names.size()][];
    for (int i = 0; i < all.length; i++) {
      String name = names.get(i);
      int hyphen = name.lastIndexOf('-');
      String command = name.substring(0, hyphen);
      String number = name.substring(hyphen + 1);
      all[i] =
          bytes(
              switch (style) {
                case FTRACE -> "%16s-%-7s".formatted(command, number);
                case TRACE_CMD -> "%16s-%-5s".formatted(command, number);
                case PERF -> "%-16s %5s".formatted(command, number);
              });
    }
    return all;
  }

  @Override
  public boolean wants() {
    return maps + unmaps + attaches < events;
  }

  @Override
  public void map(long iova, long pa, long size) {
    if (wants()) {
      begin("map");
      range(iova, size);
      text(" paddr=0x");
      hex(pa);
      text(" size=");
      decimal(size, 1);
      end();
      maps++;
    }
  }

  @Override
  public void unmap(long iova, long size) {
    if (wants()) {
      begin("unmap");
      range(iova, size);
      text(" size=");
      decimal(size, 1);
      text(" unmapped_size=");
      decimal(size, 1);
      end();
      unmaps++;
    }
  }

  @Override
  public void attach(String device) {
    if (wants()) {
      begin("attach_device_to_domain");
      text("IOMMU: device=");
      text(device);
      end();
      attaches++;
    }
  }

  /** Writes the rest. */
  TraceGenerator.Summary finish() throws IOException {
    flush();
    out.flush();
    return new TraceGenerator.Summary(maps, unmaps, attaches, written);
  }

  private void begin(String event) {
    if (length > BUFFER_BYTES - LINE_BYTES) {
      flush();
    }
    int draw = random.nextInt();
    micros += (draw >>> 8) % 5;
    text(threads[(draw & 0xFF) % threads.length]);
    text(cpus[(draw >>> 16) % CPUS]);
    text("   ");
    decimal(micros / 1_000_000, 1);
    buffer[length++] = '.';
    decimal(micros % 1_000_000, 6);
    text(style == TraceStyle.PERF ? ": iommu:" : ": ");
    text(event);
    text(": ");
  }

  private void range(long iova, long size) {
    text("IOMMU: iova=0x");
    hex(iova);
    text(" - 0x");
    hex(iova + size);
  }

  private void end() {
    buffer[length++] = '\n';
  }

  private void text(byte[] bytes) {
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
  }

  private void text(String text) {
    for (int i = 0; i < text.length(); i++) {
      buffer[length++] = (byte) text.charAt(i);
    }
  }

  private void hex(long value) {
    for (int i = HEX_DIGITS - 1; i >= 0; i--) {
      int digit = (int) (value >>> (4 * i)) & 0xF;
      buffer[length++] = (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10);
    }
  }

  private void decimal(long value, int leastDigits) {
    int digits = leastDigits;
    long power = 1;
    for (int i = 1; i < leastDigits; i++) {
      power *= 10;
    }
    while (value / power >= 10) {
      power *= 10;
      digits++;
    }
    long rest = value;
    for (int i = 0; i < digits; i++) {
      buffer[length++] = (byte) ('0' + rest / power);
      rest %= power;
      power /= 10;
    }
  }

  private void flush() {
    try {
      out.write(buffer, 0, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    written += length;
    length = 0;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
