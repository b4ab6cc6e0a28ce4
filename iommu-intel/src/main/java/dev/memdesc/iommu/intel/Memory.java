package dev.memdesc.iommu.intel;

import dev.memdesc.api.spi.HardwareMemory;
import java.nio.ByteOrder;

/** The words of structures, which are little-endian on every machine. */
final class Memory {
  private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;

  private Memory() {}

  static long load(HardwareMemory memory, long pa) {
    return swap(memory.loadAcquire(pa));
  }

  /** Stores a word after all that was stored before. */
  static void store(HardwareMemory memory, long pa, long word) {
    memory.storeRelease(pa, swap(word));
  }

  private static long swap(long word) {
    return SWAP ? Long.reverseBytes(word) : word;
  }
}
