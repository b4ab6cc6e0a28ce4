package dev.memdesc.cli.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Strings for names that come again on line after line: a few that were asked for lately are kept,
 * so that a line makes no new one.
 */
final class Names {
  /** A longer name is none: sysfs has no file of such a name. */
  static final int MOST_BYTES = 255;

  private static final int SLOTS = 64;

  private final byte[][] bytes = new byte[SLOTS][0];
  private final String[] strings = new String[SLOTS];

  Names() {
    Arrays.fill(strings, "");
  }

  /** The name in a range of bytes. */
  String of(byte[] text, int from, int to) {
    int hash = 1;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + text[i];
    }
    int slot = (hash ^ hash >>> 16) & (SLOTS - 1);
    if (!Arrays.equals(bytes[slot], 0, bytes[slot].length, text, from, to)) {
      bytes[slot] = Arrays.copyOfRange(text, from, to);
      strings[slot] = new String(bytes[slot], StandardCharsets.UTF_8);
    }
    return strings[slot];
  }
}
