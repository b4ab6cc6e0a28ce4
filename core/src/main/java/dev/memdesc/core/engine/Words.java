package dev.memdesc.core.engine;

import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.memory.HeapMemory;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.stamp.MemoryCounts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;

/**
 * The items of tables in memory, with the memory order in each method's name. The only place that
 * knows where they are; {@link Cells} knows how they lie there.
 *
 * <p>The bulk methods work on items of level 0. They are plain: the caller has the table's lock,
 * and whole words are moved, so hardware never sees half an item.
 *
 * <p><b>Speed.</b> Memory is reached through a constant segment; loops count in {@code long}, or
 * the JIT keeps the range checks; a run of leaves is computed into a heap array, which vectorises,
 * and copied from there (docs/decisions.md, docs/benchmarks.md).
 */
final class Words {
  private static final VarHandle HEAP = MethodHandles.arrayElementVarHandle(long[].class);
  private static final MemorySegment EVERYTHING = Cells.EVERYTHING;
  private static final long EMPTY_WORD = Cells.swap(Stamp.L0.emptyItem());
  private static final MemorySegment EMPTY_WORDS = emptyWords();

  /** What is added to the first item of a run for each of the others. */
  private static final long[] STEPS = steps();

  /**
   * Every address that memory can have, and multiples of an item only: after this mask the JIT has
   * nothing left to check.
   */
  static final long ADDRESS_MASK = 0x007F_FFFF_FFFF_FFFFL & -Stamp.ITEM_BYTES;

  /** From here on a bulk copy is faster than single stores. */
  private static final int BULK = 8;

  private final long[] heap;

  /**
   * The address of the first byte. A descent copies this and the two below to fields of its own.
   */
  final long address;

  final long firstPa;

  /** The offset of the last item that memory has room for. */
  final long lastWord;

  /** The address of pa 0. */
  private final long base;

  private final long bytes;

  Words(HardwareMemory memory) {
    this.firstPa = memory.firstPa();
    this.bytes = memory.bytes();
    this.lastWord = bytes - Stamp.ITEM_BYTES;
    if (Stamp.ON_HEAP) {
      this.heap = ((HeapMemory) memory).words();
      this.address = 0;
    } else {
      this.heap = new long[0];
      this.address = ((PhysicalMemory) memory).address();
    }
    this.base = address - firstPa;
  }

  private static MemorySegment emptyWords() {
    // Goes with the stamp: the automatic arena frees it when this class is unloaded.
    MemorySegment words = Arena.ofAuto().allocate((long) Stamp.L0.items() << Stamp.ITEM_LG2, 64);
    for (long k = 0; k < Stamp.L0.items(); k++) {
      Cells.set(words.address() + (k << Stamp.ITEM_LG2), Stamp.L0.emptyItem());
    }
    return words;
  }

  private static long[] steps() {
    long[] steps = new long[Stamp.L0.items()];
    for (int k = 0; k < steps.length; k++) {
      steps[k] = k * Stamp.PA_STEP;
    }
    return steps;
  }

  /** An item; later reads see what was stored before the release store that it reads. */
  long loadAcquire(long table, int index) {
    long pa = checked(table, index, firstPa, lastWord);
    count(base + table, index, 1, 0);
    return Stamp.ON_HEAP
        ? Cells.swap((long) HEAP.getAcquire(heap, (int) (pa >>> 3)))
        : Cells.getAcquire(base + pa);
  }

  /**
   * An item on the way down of a walk, where every load needs the one before it. A walk begins with
   * an acquire fence, so it reads memory anew; its loads are plain, because an acquire per level
   * makes the JIT read address and bounds again at each.
   *
   * @param address of the item, which lies in memory
   */
  static long loadDependent(long address) {
    count(address, 0, 1, 0);
    return Cells.get(address);
  }

  /** The same in a heap array. */
  long loadHeap(long offset) {
    return Cells.swap((long) HEAP.getAcquire(heap, (int) (offset >>> 3)));
  }

  /** The offset in memory of a pa; the JIT knows that it has no more bits than the mask. */
  static long offset(long pa, long firstPa) {
    return Stamp.FROM_ZERO ? pa : (pa - firstPa) & ADDRESS_MASK;
  }

  /** Stores an item at an address; see {@link #storeRelease}. */
  static void publish(long address, long item) {
    count(address, 0, 0, 1);
    Cells.setRelease(address, item);
  }

  /** The same in a heap array. */
  void publishHeap(long offset, long item) {
    HEAP.setRelease(heap, (int) (offset >>> 3), Cells.swap(item));
  }

  /** Stores an item; whoever loads it with acquire, and hardware, sees all earlier stores. */
  void storeRelease(long table, int index, long item) {
    long pa = checked(table, index, firstPa, lastWord);
    count(base + table, index, 0, 1);
    if (Stamp.ON_HEAP) {
      HEAP.setRelease(heap, (int) (pa >>> 3), Cells.swap(item));
    } else {
      Cells.setRelease(base + pa, item);
    }
  }

  /** Replaces an item if it is still {@code expected}: where hardware may change it too. */
  boolean compareAndSet(long table, int index, long expected, long item) {
    long pa = checked(table, index, firstPa, lastWord);
    count(base + table, index, 1, 1);
    if (Stamp.COUNTING) {
      MemoryCounts.atomic();
    }
    return Stamp.ON_HEAP
        ? HEAP.compareAndSet(heap, (int) (pa >>> 3), Cells.swap(expected), Cells.swap(item))
        : Cells.compareAndSet(base + pa, expected, item);
  }

  /** The index of the first item of {@code from..end-1} that is not EMPTY, or -1. */
  int findEntry(long table, int from, int end, long[] staging) {
    if (countEntries(table, from, end, staging) != 0) {
      for (int index = from; index < end; index++) {
        if (loadAcquire(table, index) != Stamp.L0.emptyItem()) {
          return index;
        }
      }
    }
    return -1;
  }

  /** How many items of {@code from..end-1} are not EMPTY. */
  int countEntries(long table, int from, int end, long[] staging) {
    count(base + table, from, end - from, 0);
    long at = run(table, from, end);
    int items = end - from;
    if (Stamp.SHORT_ITEMS) {
      return countShort(at, items);
    }
    // A copy and a loop over the copy vectorise; a loop over the segment does not.
    if (Stamp.ON_HEAP) {
      System.arraycopy(heap, (int) (at >>> 3), staging, 0, items);
    } else {
      MemorySegment.copy(EVERYTHING, ValueLayout.JAVA_LONG, at, staging, 0, items);
    }
    long entries = 0;
    for (int k = 0; k < items; k++) {
      long differs = staging[k] ^ EMPTY_WORD;
      entries += (differs | -differs) >>> 63;
    }
    return (int) entries;
  }

  private static int countShort(long at, int items) {
    int entries = 0;
    for (long k = 0; k < items; k++) {
      entries += Cells.get(at + (k << Stamp.ITEM_LG2)) == Stamp.L0.emptyItem() ? 0 : 1;
    }
    return entries;
  }

  /**
   * Makes an item EMPTY that hardware may be changing.
   *
   * @return what it was
   */
  long exchangeEmpty(long table, int index, long emptyItem) {
    long item = loadAcquire(table, index);
    while (!compareAndSet(table, index, item, emptyItem)) {
      item = loadAcquire(table, index);
    }
    return item;
  }

  /**
   * Stores leaves whose items follow each other: the first is given, frames ascend within one run
   * of the pa's bits.
   */
  void fillLeaves(long table, int from, int end, long item, long[] staging) {
    int items = end - from;
    if (Stamp.ON_HEAP || Stamp.SHORT_ITEMS || items < BULK) {
      for (int k = 0; k < items; k++) {
        storeRelease(table, from + k, item + STEPS[k]);
      }
      return;
    }
    count(base + table, from, 0, items);
    long at = run(table, from, end);
    for (int k = 0; k < items; k++) {
      staging[k] = Stamp.SWAPPED ? Long.reverseBytes(item + STEPS[k]) : item + STEPS[k];
    }
    MemorySegment.copy(staging, 0, EVERYTHING, ValueLayout.JAVA_LONG, at, items);
  }

  /**
   * Stores leaves of one item, whose frames ascend from {@code pa}.
   *
   * @param bits of the leaves without their pa
   */
  void fillPages(long table, int from, int end, long bits, long pa, long[] staging) {
    long lastPa = pa + ((long) (end - from - 1) << Stamp.FRAME_LG2);
    if (Stamp.LINEAR_PA || ((pa ^ lastPa) & Stamp.OTHER_PA) == 0) {
      fillLeaves(table, from, end, bits | Stamp.LEAF0.pa().encode(pa), staging);
      return;
    }
    for (int index = from; index < end; index++) {
      long itemPa = pa + ((long) (index - from) << Stamp.FRAME_LG2);
      storeRelease(table, index, bits | Stamp.LEAF0.pa().encode(itemPa));
    }
  }

  /** Makes items EMPTY. */
  void fillEmpty(long table, int from, int end) {
    count(base + table, from, 0, end - from);
    long at = run(table, from, end);
    if (Stamp.ON_HEAP) {
      int first = (int) (at >>> 3);
      Arrays.fill(heap, first, first + end - from, EMPTY_WORD);
    } else {
      long length = (long) (end - from) << Stamp.ITEM_LG2;
      MemorySegment.copy(EMPTY_WORDS, 0, EVERYTHING, at, length);
    }
  }

  /** The address of the first item of a run that lies wholly in memory. */
  private long run(long table, int from, int end) {
    long length = (long) (end - from) << Stamp.ITEM_LG2;
    long offset = table - firstPa + ((long) from << Stamp.ITEM_LG2);
    return base + firstPa + Objects.checkFromIndexSize(offset, length, bytes);
  }

  /** The pa of an item that lies in memory. */
  private static long checked(long table, int index, long firstPa, long lastWord) {
    long pa = table + ((long) index << Stamp.ITEM_LG2);
    if (Long.compareUnsigned(pa - firstPa, lastWord) > 0) {
      throw Checks.outside(pa, firstPa, lastWord);
    }
    return pa;
  }

  private static void count(long address, int index, int reads, int writes) {
    if (Stamp.COUNTING) {
      MemoryCounts.words(
          address + ((long) index << Stamp.ITEM_LG2), Stamp.ITEM_BYTES, reads, writes);
    }
  }
}
