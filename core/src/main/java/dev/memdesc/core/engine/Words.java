package dev.memdesc.core.engine;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.memory.HeapMemory;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.stamp.MemoryCounts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Objects;

/**
 * The items of tables in memory, with the memory order in each method's name. The only place that
 * knows byte order and where words are.
 *
 * <p>The bulk methods work on items of level 0. They are plain: the caller has the table's lock,
 * and whole words are moved, so hardware never sees half an item.
 *
 * <p><b>Speed.</b> Memory is reached through a constant segment; loops count in {@code long}, or
 * the JIT keeps the range checks; a run of leaves is computed into a heap array, which vectorises,
 * and copied from there (docs/decisions.md, docs/benchmarks.md).
 */
final class Words {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle HEAP = MethodHandles.arrayElementVarHandle(long[].class);
  private static final MemorySegment EVERYTHING = PhysicalMemory.everythingSegment();
  private static final long EMPTY_WORD = swap(Stamp.L0.emptyItem());
  private static final MemorySegment EMPTY_WORDS = emptyWords();

  /** What is added to the first item of a run for each of the others. */
  private static final long[] STEPS = steps();

  /** From here on a bulk copy is faster than single stores. */
  private static final int BULK = 8;

  private final HardwareMemory memory;
  private final long base;
  private final long firstPa;
  private final long bytes;
  private final long[] heap;

  Words(HardwareMemory memory) {
    this.memory = memory;
    this.firstPa = memory.firstPa();
    this.bytes = memory.bytes();
    if (Stamp.ON_HEAP) {
      this.heap = ((HeapMemory) memory).words();
      this.base = 0;
    } else {
      this.heap = new long[0];
      this.base = ((PhysicalMemory) memory).address();
    }
  }

  private static MemorySegment emptyWords() {
    MemorySegment words = Arena.global().allocate((long) Stamp.L0.items() << 3, 64);
    for (long k = 0; k < Stamp.L0.items(); k++) {
      words.set(ValueLayout.JAVA_LONG, k << 3, EMPTY_WORD);
    }
    return words;
  }

  private static long[] steps() {
    long[] steps = new long[Stamp.L0.items()];
    for (int k = 0; k < steps.length; k++) {
      steps[k] = (long) k << Stamp.FRAME_LG2;
    }
    return steps;
  }

  private static long swap(long word) {
    return Stamp.SWAPPED ? Long.reverseBytes(word) : word;
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
    count(table, index, 1, 0);
    return swap(
        Stamp.ON_HEAP
            ? (long) HEAP.getAcquire(heap, (int) (offset >>> 3))
            : (long) LONG.getAcquire(EVERYTHING, base + offset));
  }

  /** Stores an item; whoever loads it with acquire, and hardware, sees all earlier stores. */
  void storeRelease(long table, int index, long item) {
    long offset = offset(table, index);
    count(table, index, 0, 1);
    if (Stamp.ON_HEAP) {
      HEAP.setRelease(heap, (int) (offset >>> 3), swap(item));
    } else {
      LONG.setRelease(EVERYTHING, base + offset, swap(item));
    }
  }

  /** Replaces an item if it is still {@code expected}: where hardware may change it too. */
  boolean compareAndSet(long table, int index, long expected, long item) {
    long offset = offset(table, index);
    count(table, index, 1, 1);
    if (Stamp.COUNTING) {
      MemoryCounts.atomic();
    }
    return Stamp.ON_HEAP
        ? HEAP.compareAndSet(heap, (int) (offset >>> 3), swap(expected), swap(item))
        : LONG.compareAndSet(EVERYTHING, base + offset, swap(expected), swap(item));
  }

  /** The index of the first item of {@code from..end-1} that is not EMPTY, or -1. */
  int findEntry(long table, int from, int end) {
    count(table, from, end - from, 0);
    if (!isEmpty(table, from, end)) {
      for (int index = from; index < end; index++) {
        if (loadAcquire(table, index) != Stamp.L0.emptyItem()) {
          return index;
        }
      }
    }
    return -1;
  }

  private boolean isEmpty(long table, int from, int end) {
    long at = run(table, from, end);
    if (Stamp.ON_HEAP) {
      int first = (int) (at >>> 3);
      for (int k = first; k < first + end - from; k++) {
        if (heap[k] != EMPTY_WORD) {
          return false;
        }
      }
      return true;
    }
    long stop = at + ((long) (end - from) << 3);
    long a = 0;
    long b = 0;
    long c = 0;
    long d = 0;
    // Four sums that do not wait for each other; a reduction over a segment does not vectorise.
    for (; at + 24 < stop; at += 32) {
      a |= EVERYTHING.get(ValueLayout.JAVA_LONG, at) ^ EMPTY_WORD;
      b |= EVERYTHING.get(ValueLayout.JAVA_LONG, at + 8) ^ EMPTY_WORD;
      c |= EVERYTHING.get(ValueLayout.JAVA_LONG, at + 16) ^ EMPTY_WORD;
      d |= EVERYTHING.get(ValueLayout.JAVA_LONG, at + 24) ^ EMPTY_WORD;
    }
    for (; at < stop; at += 8) {
      a |= EVERYTHING.get(ValueLayout.JAVA_LONG, at) ^ EMPTY_WORD;
    }
    return (a | b | c | d) == 0;
  }

  /** How many items of {@code from..end-1} are not EMPTY. */
  int countEntries(long table, int from, int end) {
    count(table, from, end - from, 0);
    long at = run(table, from, end);
    if (Stamp.ON_HEAP) {
      int first = (int) (at >>> 3);
      int entries = 0;
      for (int k = first; k < first + end - from; k++) {
        entries += heap[k] == EMPTY_WORD ? 0 : 1;
      }
      return entries;
    }
    long stop = at + ((long) (end - from) << 3);
    int a = 0;
    int b = 0;
    for (; at + 8 < stop; at += 16) {
      a += EVERYTHING.get(ValueLayout.JAVA_LONG, at) == EMPTY_WORD ? 0 : 1;
      b += EVERYTHING.get(ValueLayout.JAVA_LONG, at + 8) == EMPTY_WORD ? 0 : 1;
    }
    if (at < stop) {
      a += EVERYTHING.get(ValueLayout.JAVA_LONG, at) == EMPTY_WORD ? 0 : 1;
    }
    return a + b;
  }

  /** Stores leaves whose items follow each other: the first is given, frames ascend. */
  void fillLeaves(long table, int from, int end, long item, long[] staging) {
    int items = end - from;
    if (Stamp.ON_HEAP || items < BULK) {
      for (int k = 0; k < items; k++) {
        storeRelease(table, from + k, item + STEPS[k]);
      }
      return;
    }
    count(table, from, 0, items);
    long at = run(table, from, end);
    for (int k = 0; k < items; k++) {
      staging[k] = Stamp.SWAPPED ? Long.reverseBytes(item + STEPS[k]) : item + STEPS[k];
    }
    MemorySegment.copy(staging, 0, EVERYTHING, ValueLayout.JAVA_LONG, at, items);
  }

  /** Makes items EMPTY. */
  void fillEmpty(long table, int from, int end) {
    count(table, from, 0, end - from);
    long at = run(table, from, end);
    if (Stamp.ON_HEAP) {
      int first = (int) (at >>> 3);
      Arrays.fill(heap, first, first + end - from, EMPTY_WORD);
    } else {
      MemorySegment.copy(EMPTY_WORDS, 0, EVERYTHING, at, (long) (end - from) << 3);
    }
  }

  /** The address of the first item of a run that lies wholly in memory. */
  private long run(long table, int from, int end) {
    long length = (long) (end - from) << 3;
    long offset = table - firstPa + ((long) from << 3);
    return base + Objects.checkFromIndexSize(offset, length, bytes);
  }

  private long offset(long table, int index) {
    return Objects.checkIndex(table - firstPa + ((long) index << 3), bytes - 7);
  }

  private static void count(long table, int index, int reads, int writes) {
    if (Stamp.COUNTING) {
      MemoryCounts.words(table + ((long) index << 3), reads, writes);
    }
  }
}
