package dev.memdesc.cli.input;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines of text of any origin. A line longer than {@value #MAX_LINE_BYTES} bytes comes back
 * cut, so that a file without line ends cannot fill the heap; no parser here accepts a cut line.
 */
public final class LineReader {
  /**
   * Longest line kept, in bytes: a path of 4096 bytes, every one escaped, and what is before it.
   */
  public static final int MAX_LINE_BYTES = 20_000;

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 14];
  private byte[] line = new byte[256];
  private int next;
  private int end;
  private long number;

  public LineReader(InputStream in) {
    this.in = in;
  }

  /** The number of the line that {@link #read} returned last, from 1. */
  public long number() {
    return number;
  }

  /**
   * The next line without its line end, or null at the end of the file.
   *
   * @throws IOException if the file cannot be read on
   */
  public @Nullable String read() throws IOException {
    int length = 0;
    while (true) {
      if (next == end) {
        end = Math.max(0, in.read(buffer));
        next = 0;
        if (end == 0) {
          if (length == 0) {
            return null;
          }
          break;
        }
      }
      int from = next;
      while (next < end && buffer[next] != '\n') {
        next++;
      }
      int kept = Math.min(next - from, MAX_LINE_BYTES - length);
      if (length + kept > line.length) {
        line = Arrays.copyOf(line, Math.max(length + kept, 2 * line.length));
      }
      System.arraycopy(buffer, from, line, length, kept);
      length += kept;
      if (next < end) {
        next++;
        break;
      }
    }
    number++;
    return new String(line, 0, length, StandardCharsets.UTF_8);
  }
}
