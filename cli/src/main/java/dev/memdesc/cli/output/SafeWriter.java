package dev.memdesc.cli.output;

import dev.memdesc.cli.input.Printable;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;

/**
 * Lets through what is safe to print. Every command prints through one, so that nothing which a
 * plugin says, be it a name, a meaning or a message, reaches a terminal as it is.
 */
public final class SafeWriter extends FilterWriter {
  /** The first half of a pair that the last write ended with; 0 for none. */
  private char half;

  private SafeWriter(Writer out) {
    super(out);
  }

  /** A writer in front of another; what is flushed here is flushed there. */
  public static PrintWriter before(PrintWriter out) {
    return new PrintWriter(new SafeWriter(out));
  }

  @Override
  public void write(int c) throws IOException {
    write(String.valueOf((char) c), 0, 1);
  }

  @Override
  public void write(char[] text, int from, int length) throws IOException {
    write(new String(text, from, length), 0, length);
  }

  @Override
  public void write(String text, int from, int length) throws IOException {
    String part = text.substring(from, from + length);
    if (half != 0) {
      part = half + part;
      half = 0;
    }
    if (!part.isEmpty() && Character.isHighSurrogate(part.charAt(part.length() - 1))) {
      half = part.charAt(part.length() - 1);
      part = part.substring(0, part.length() - 1);
    }
    out.write(isPlain(part) ? part : Printable.lines(part));
  }

  /** Whether there are only letters of ASCII and line ends: nearly always, and quick to see. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x7F || (c < ' ' && c != '\n')) {
        return false;
      }
    }
    return true;
  }
}
