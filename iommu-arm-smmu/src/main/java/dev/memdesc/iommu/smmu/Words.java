package dev.memdesc.iommu.smmu;

import dev.memdesc.api.spi.HardwareMemory;
import java.nio.ByteOrder;

/** Structures in memory: little-endian words, whatever the machine. */
final class Words {
  private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private final HardwareMemory memory;

  Words(HardwareMemory memory) {
    this.memory = memory;
  }

  long load(long pa) {
    long word = memory.loadAcquire(pa);
    return LITTLE ? word : Long.reverseBytes(word);
  }

  /** One 64-bit store, after all that were made before it. */
  void store(long pa, long word) {
    memory.storeRelease(pa, LITTLE ? word : Long.reverseBytes(word));
  }
}
