package dev.memdesc.api.spi;

/**
 * Physical memory as hardware sees it: 64-bit words in the byte order of the machine, by pa. All
 * addresses are multiples of 8.
 *
 * <p>Every method throws {@link dev.memdesc.api.PageTableException} with {@link
 * dev.memdesc.api.Reason#FOREIGN} for a pa that the memory does not have and {@link
 * dev.memdesc.api.Reason#CLOSED} after close.
 */
public interface HardwareMemory {
  /** The first pa. */
  long firstPa();

  /** How many bytes there are. */
  long bytes();

  /** log2 of the bytes of a frame. */
  int frameLg2();

  /** The word at {@code pa}; later reads see what was stored before the store that it reads. */
  long loadAcquire(long pa);

  /** Stores a word; whoever loads it with acquire sees all earlier stores. */
  void storeRelease(long pa, long word);

  /** Stores {@code word} into every word of the range, a multiple of 8 bytes, in any order. */
  void fill(long pa, long bytes, long word);
}
