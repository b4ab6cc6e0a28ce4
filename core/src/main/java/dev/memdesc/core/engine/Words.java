package dev.memdesc.core.engine;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.memory.HeapMemory;
import dev.memdesc.core.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * The items of tables in memory, with the memory order in each method's name. The only place that
 * knows byte order and where words are.
 */
final class Words {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle HEAP = MethodHandles.arrayElementVarHandle(long[].class);
  // A constant of this class: a segment in an instance field is several times slower.
  private static final MemorySegment EVERYTHING = PhysicalMemory.everythingSegment();

  private final HardwareMemory memory;
  private final long base;
  private final long firstPa;
  private final long lastWord;
  private final long[] heap;

  Words(HardwareMemory memory) {
    this.memory = memory;
    this.firstPa = memory.firstPa();
    this.lastWord = memory.bytes() - Long.BYTES;
    if (Stamp.ON_HEAP) {
      this.heap = ((HeapMemory) memory).words();
      this.base = 0;
    } else {
      this.heap = new long[0];
      this.base = ((PhysicalMemory) memory).address();
    }
  }

  /** Refuses operations on memory that was closed. */
  void checkOpen() {
    if (!Stamp.ON_HEAP && ((PhysicalMemory) memory).isClosed()) {
      throw PageTableException.because(Reason.CLOSED, "physical memory is open").build();
    }
  }

  /** Keeps the memory mapped up to here. Every operation ends with it, in a finally block. */
  @SuppressWarnings("ReachabilityFenceUsage") // the callers have the finally blocks
  void keepAlive() {
    Reference.reachabilityFence(memory);
  }

  /** An item; later reads see what was stored before the release store that it reads. */
  long loadAcquire(long table, int index) {
    long offset = offset(table, index);
    long word =
        Stamp.ON_HEAP
            ? (long) HEAP.getAcquire(heap, (int) (offset >>> 3))
            : (long) LONG.getAcquire(EVERYTHING, base + offset);
    return Stamp.SWAPPED ? Long.reverseBytes(word) : word;
  }

  /** Stores an item; whoever loads it with acquire, and hardware, sees all earlier stores. */
  void storeRelease(long table, int index, long item) {
    long offset = offset(table, index);
    long word = Stamp.SWAPPED ? Long.reverseBytes(item) : item;
    if (Stamp.ON_HEAP) {
      HEAP.setRelease(heap, (int) (offset >>> 3), word);
    } else {
      LONG.setRelease(EVERYTHING, base + offset, word);
    }
  }

  /** Replaces an item if it is still {@code expected}: where hardware may change it too. */
  boolean compareAndSet(long table, int index, long expected, long item) {
    long offset = offset(table, index);
    long before = Stamp.SWAPPED ? Long.reverseBytes(expected) : expected;
    long after = Stamp.SWAPPED ? Long.reverseBytes(item) : item;
    return Stamp.ON_HEAP
        ? HEAP.compareAndSet(heap, (int) (offset >>> 3), before, after)
        : LONG.compareAndSet(EVERYTHING, base + offset, before, after);
  }

  private long offset(long table, int index) {
    return Objects.checkIndex(table - firstPa + ((long) index << 3), lastWord + 1);
  }
}
