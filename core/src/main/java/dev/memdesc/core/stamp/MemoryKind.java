package dev.memdesc.core.stamp;

import dev.memdesc.api.spi.HardwareMemory;

/**
 * What of a memory is a constant of the engine.
 *
 * @param fromZero whether it begins at pa 0
 * @param frameLg2 log2 of the bytes of its frames
 */
public record MemoryKind(boolean fromZero, int frameLg2) {
  static MemoryKind of(HardwareMemory memory) {
    return new MemoryKind(memory.firstPa() == 0, memory.frameLg2());
  }
}
