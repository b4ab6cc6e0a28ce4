package dev.memdesc.core.memory;

import dev.memdesc.api.spi.HardwareMemory;

/** The addresses of memory without memory: whoever touches its words fails. */
record Frames(long firstPa, long bytes, int frameLg2) implements HardwareMemory {
  /** So many frames of 4 KiB from a frame number. */
  static Frames of(long firstFrame, long frames) {
    return new Frames(firstFrame << 12, frames << 12, 12);
  }

  @Override
  public long loadAcquire(long pa) {
    throw new AssertionError("nobody reads words here");
  }

  @Override
  public void storeRelease(long pa, long word) {
    throw new AssertionError("nobody writes words here");
  }

  @Override
  public void fill(long pa, long length, long word) {
    throw new AssertionError("nobody fills words here");
  }
}
