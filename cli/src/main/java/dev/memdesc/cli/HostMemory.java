package dev.memdesc.cli;

import dev.memdesc.cli.input.LineReader;
import dev.memdesc.cli.input.TextCursor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much memory tables may take. It is sparse: what no table uses costs nothing. Tables that need
 * more than half of what the host has are refused, rather than left to the kernel's killer.
 */
public final class HostMemory {
  private static final long LEAST_BYTES = 1L << 30;
  private static final long MOST_BYTES = 64L << 30;

  private HostMemory() {}

  /** Half of the host's memory, in whole GiB within bounds. */
  public static long bytesForTables() {
    return bytesForTables(Path.of("/proc/meminfo"));
  }

  /** Half of the line {@code MemTotal: number kB}, in whole GiB within bounds. */
  static long bytesForTables(Path meminfo) {
    try (InputStream in = Files.newInputStream(meminfo)) {
      LineReader lines = new LineReader(in);
      for (String line = lines.read(); line != null; line = lines.read()) {
        if (line.startsWith("MemTotal:")) {
          TextCursor text = new TextCursor(line.substring(line.indexOf(':') + 1));
          text.skipBlanks();
          long half = ((text.decimal() << 10) >>> 1) & -LEAST_BYTES;
          return Math.clamp(half, LEAST_BYTES, MOST_BYTES);
        }
      }
    } catch (IOException e) {
      // No /proc here: saved files can be read all the same.
    }
    return MOST_BYTES;
  }
}
