package dev.memdesc.core.stamp;

import java.util.HashSet;
import java.util.Set;

/**
 * What a counting stamp did to memory: figures that do not depend on the machine. Only the stamps
 * that {@link Stamps#counting} makes report here, from one thread.
 */
public final class MemoryCounts {
  private static final int LINE_LG2 = 6;

  private static final Set<Long> LINES = new HashSet<>();
  private static long reads;
  private static long writes;
  private static long atomics;

  private MemoryCounts() {}

  /**
   * The counts since the last reset.
   *
   * @param wordsRead words of tables that were read
   * @param wordsWritten words of tables that were written
   * @param linesTouched different 64-byte lines of tables among them
   * @param atomics atomic read-modify-writes on descriptors and words
   */
  public record Counts(long wordsRead, long wordsWritten, long linesTouched, long atomics) {}

  /** Words of that many bytes that follow each other were read or written. */
  public static void words(long pa, int bytes, int read, int written) {
    reads += read;
    writes += written;
    long last = pa + (long) bytes * Math.max(read, written) - 1;
    for (long line = pa >>> LINE_LG2; line <= last >>> LINE_LG2; line++) {
      LINES.add(line);
    }
  }

  /** One atomic read-modify-write was done. */
  public static void atomic() {
    atomics++;
  }

  /** Starts again at 0. */
  public static void reset() {
    LINES.clear();
    reads = 0;
    writes = 0;
    atomics = 0;
  }

  /** What was counted. */
  public static Counts get() {
    return new Counts(reads, writes, LINES.size(), atomics);
  }
}
