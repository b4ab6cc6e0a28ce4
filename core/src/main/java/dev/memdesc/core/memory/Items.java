package dev.memdesc.core.memory;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.HardwareMemory;
import java.nio.ByteOrder;

/** Reads and writes items where speed does not matter and nothing is stamped: checks and tests. */
public final class Items {
  private static final long WORD_MASK = Long.BYTES - 1L;

  private Items() {}

  /** The item at a pa, zero-extended. */
  public static long load(HardwareMemory memory, TableFormat format, long pa) {
    if (format.itemBytes() == Long.BYTES) {
      return swap(format, memory.loadAcquire(pa));
    }
    return swap(format, (int) (memory.loadAcquire(pa & ~WORD_MASK) >>> shift(pa)));
  }

  /** Stores an item. An item of 4 bytes is stored together with its neighbour: not atomically. */
  public static void store(HardwareMemory memory, TableFormat format, long pa, long item) {
    if (format.itemBytes() == Long.BYTES) {
      memory.storeRelease(pa, swap(format, item));
      return;
    }
    long word = memory.loadAcquire(pa & ~WORD_MASK);
    long others = word & ~(0xFFFF_FFFFL << shift(pa));
    memory.storeRelease(pa & ~WORD_MASK, others | swap(format, (int) item) << shift(pa));
  }

  private static long swap(TableFormat format, long word) {
    return format.order() == ByteOrder.nativeOrder() ? word : Long.reverseBytes(word);
  }

  private static long swap(TableFormat format, int word) {
    boolean same = format.order() == ByteOrder.nativeOrder();
    return Integer.toUnsignedLong(same ? word : Integer.reverseBytes(word));
  }

  /** How far up in its word of 8 bytes an item of 4 lies. */
  private static int shift(long pa) {
    boolean firstIsLow = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    return ((pa & Integer.BYTES) == 0) == firstIsLow ? 0 : Integer.SIZE;
  }
}
