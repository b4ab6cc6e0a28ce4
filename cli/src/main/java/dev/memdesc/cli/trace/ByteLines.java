package dev.memdesc.cli.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads lines as ranges of one byte array: no object per line. A line longer than {@value
 * #MAX_LINE_BYTES} bytes comes back {@link #cut}, so that a file without line ends takes no memory.
 */
final class ByteLines {
  /** The longest line that comes back whole, in bytes. The kernel's trace lines have 4 KiB. */
  static final int MAX_LINE_BYTES = 1 << 16;

  private static final int BUFFER_BYTES = 1 << 18;

  private final InputStream in;
  private final byte[] bytes = new byte[BUFFER_BYTES];
  private int start;
  private int end;
  private int next;
  private int filled;
  private long number;
  private boolean cut;

  ByteLines(InputStream in) {
    this.in = in;
  }

  /** Where the line lies, from {@link #start} to {@link #end}, until the next {@link #next}. */
  byte[] bytes() {
    return bytes;
  }

  /** The index of the line's first byte. */
  int start() {
    return start;
  }

  /** One more than the index of its last byte, without its line end. */
  int end() {
    return end;
  }

  /** The line's number, from 1. */
  long number() {
    return number;
  }

  /** Whether the line was longer than is kept. */
  boolean cut() {
    return cut;
  }

  /** The line as text. */
  String text() {
    return new String(bytes, start, end - start, StandardCharsets.UTF_8);
  }

  /**
   * Goes on to the next line.
   *
   * @return false at the end of the input
   * @throws IOException if it cannot be read on
   */
  boolean next() throws IOException {
    cut = false;
    start = next;
    int at = lineEnd(next);
    while (at == filled && at - start <= MAX_LINE_BYTES) {
      int length = filled - start;
      if (!fill()) {
        if (length == 0) {
          return false;
        }
        finish(filled, filled);
        return true;
      }
      at = lineEnd(length);
    }
    if (at == filled) {
      skipRest();
    } else {
      finish(at, at + 1);
    }
    return true;
  }

  private void finish(int lineEnd, int following) {
    number++;
    next = following;
    end = lineEnd > start && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
    if (end - start > MAX_LINE_BYTES) {
      end = start + MAX_LINE_BYTES;
      cut = true;
    }
  }

  /** Reads more behind the line that was begun, which moves to the front. */
  private boolean fill() throws IOException {
    System.arraycopy(bytes, start, bytes, 0, filled - start);
    filled -= start;
    start = 0;
    next = 0;
    int read = in.read(bytes, filled, bytes.length - filled);
    filled += Math.max(0, read);
    return read > 0;
  }

  /** Passes over the rest of a line that is too long; its beginning is kept. */
  private void skipRest() throws IOException {
    System.arraycopy(bytes, start, bytes, 0, MAX_LINE_BYTES);
    start = 0;
    end = MAX_LINE_BYTES;
    cut = true;
    number++;
    int at;
    do {
      int read = in.read(bytes, end, bytes.length - end);
      filled = end + Math.max(0, read);
      at = lineEnd(end);
    } while (at == filled && filled > end);
    next = Math.min(at + 1, filled);
  }

  /** The index of the next line end, or of the end of what was read. */
  private int lineEnd(int from) {
    byte[] local = bytes;
    int most = filled;
    int at = from;
    while (at < most && local[at] != '\n') {
      at++;
    }
    return at;
  }
}
