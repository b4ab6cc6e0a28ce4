package dev.memdesc.core.engine;

import dev.memdesc.core.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * One item at an address: 8 bytes, or 4 that are zero-extended. The only place that knows which,
 * and in what byte order; both are constants, so each method is one instruction or two.
 */
final class Cells {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  static final MemorySegment EVERYTHING = PhysicalMemory.everythingSegment();

  private Cells() {}

  /** An item as it lies in a word of 8 bytes, or the other way round. */
  static long swap(long word) {
    return Stamp.SWAPPED ? Long.reverseBytes(word) : word;
  }

  private static int swapShort(long item) {
    return Stamp.SWAPPED ? Integer.reverseBytes((int) item) : (int) item;
  }

  private static long unswapShort(int word) {
    return Integer.toUnsignedLong(Stamp.SWAPPED ? Integer.reverseBytes(word) : word);
  }

  static long get(long address) {
    return Stamp.SHORT_ITEMS
        ? unswapShort(EVERYTHING.get(ValueLayout.JAVA_INT_UNALIGNED, address))
        : swap(EVERYTHING.get(ValueLayout.JAVA_LONG_UNALIGNED, address));
  }

  static long getAcquire(long address) {
    return Stamp.SHORT_ITEMS
        ? unswapShort((int) INT.getAcquire(EVERYTHING, address))
        : swap((long) LONG.getAcquire(EVERYTHING, address));
  }

  static void set(long address, long item) {
    if (Stamp.SHORT_ITEMS) {
      EVERYTHING.set(ValueLayout.JAVA_INT_UNALIGNED, address, swapShort(item));
    } else {
      EVERYTHING.set(ValueLayout.JAVA_LONG_UNALIGNED, address, swap(item));
    }
  }

  static void setRelease(long address, long item) {
    if (Stamp.SHORT_ITEMS) {
      INT.setRelease(EVERYTHING, address, swapShort(item));
    } else {
      LONG.setRelease(EVERYTHING, address, swap(item));
    }
  }

  static boolean compareAndSet(long address, long expected, long item) {
    return Stamp.SHORT_ITEMS
        ? INT.compareAndSet(EVERYTHING, address, swapShort(expected), swapShort(item))
        : LONG.compareAndSet(EVERYTHING, address, swap(expected), swap(item));
  }
}
