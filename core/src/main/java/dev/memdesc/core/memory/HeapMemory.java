package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Physical memory in a {@code long[]}, for the un-stamped engine: debuggers show it, and model
 * checkers see its accesses, which they do not for off-heap memory.
 */
public final class HeapMemory implements HardwareMemory {
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] words;
  private final int frameLg2;

  /** Zeroed memory from pa 0. */
  public HeapMemory(int frames, int frameLg2) {
    this.words = new long[frames << (frameLg2 - 3)];
    this.frameLg2 = frameLg2;
  }

  /** The words themselves: index is pa / 8. */
  public long[] words() {
    return words;
  }

  @Override
  public long firstPa() {
    return 0;
  }

  @Override
  public long bytes() {
    return (long) words.length * Long.BYTES;
  }

  @Override
  public int frameLg2() {
    return frameLg2;
  }

  @Override
  public long loadAcquire(long pa) {
    return (long) LONGS.getAcquire(words, index(pa, Long.BYTES));
  }

  @Override
  public void storeRelease(long pa, long word) {
    LONGS.setRelease(words, index(pa, Long.BYTES), word);
  }

  @Override
  public void fill(long pa, long length, long word) {
    int from = index(pa, length);
    Arrays.fill(words, from, from + (int) (length / Long.BYTES), word);
  }

  private int index(long pa, long length) {
    if (pa < 0 || length < 0 || pa > bytes() - length || (pa & (Long.BYTES - 1)) != 0) {
      throw PageTableException.because(
              Reason.FOREIGN, "a pa lies in physical memory and is a multiple of 8")
          .hex("pa", pa)
          .hex("length", length)
          .hex("firstPa", 0)
          .hex("lastPa", bytes() - 1)
          .build();
    }
    return (int) (pa / Long.BYTES);
  }
}
