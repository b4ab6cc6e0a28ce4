package dev.memdesc.bench.twin;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.bench.Places;
import dev.memdesc.bench.Subject;
import dev.memdesc.core.memory.PhysicalMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A twin at work: tables of its own in physical memory of its own, of the same kind as ours. */
public final class TwinSubject implements Subject {
  private static final long MEMORY_BYTES = 16L << 20;
  private static final int LEAF_LEVELS = 3;

  private final TwinLibrary library;
  private final PhysicalMemory memory;
  private final MemorySegment twin;

  /**
   * An empty root.
   *
   * @param format of x86, four levels; its entries get the bits that the engine gives them
   */
  public TwinSubject(TwinLibrary library, TableFormat format, Attributes attributes) {
    this.library = library;
    this.memory = PhysicalMemory.anonymous(0, MEMORY_BYTES, format.frameLg2());
    long[] leaves = new long[LEAF_LEVELS];
    for (int level = 0; level < LEAF_LEVELS; level++) {
      LevelLayout layout = format.level(level);
      Leaf leaf = layout.leaves().getFirst();
      leaves[level] = leaf.constant() | format.codec().bits(attributes, level, leaf);
    }
    try {
      this.twin =
          (MemorySegment)
              library.create.invokeExact(
                  memory.address(),
                  MEMORY_BYTES >>> format.frameLg2(),
                  format.level(1).tableConstant(),
                  leaves[0],
                  leaves[1],
                  leaves[2]);
    } catch (Throwable e) {
      throw failed(e);
    }
    if (twin.equals(MemorySegment.NULL)) {
      throw new IllegalStateException("there is memory for the twin: bytes=" + MEMORY_BYTES);
    }
  }

  private static AssertionError failed(Throwable e) {
    return new AssertionError("the C twin cannot be called", e);
  }

  private static void check(int error) {
    if (error != 0) {
      throw new IllegalStateException("the twin maps what is free: error=" + error);
    }
  }

  @Override
  public String name() {
    return library.title();
  }

  /** The physical memory that its tables are in. */
  public PhysicalMemory memory() {
    return memory;
  }

  /** The pa of its root. */
  public long rootPa() {
    try {
      return (long) library.root.invokeExact(twin);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** How many entries a table has. */
  public int entries(long tablePa) {
    try {
      return (int) library.used.invokeExact(twin, tablePa);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** How many tables its pool has. */
  public long freeTables() {
    try {
      return (long) library.freeTables.invokeExact(twin);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Maps a range; returns whether all of it was free. */
  public boolean tryMap(long va, long pa, long length, long sizes) {
    try {
      return (int) library.mapRanges.invokeExact(twin, va, 0L, pa, length, sizes, 1) == 0;
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** What one va translates to. */
  public long translate(long va) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(ValueLayout.JAVA_INT);
      return (long) library.translatePages.invokeExact(twin, va, page, 0, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void mapRanges(
      Places places, long va, long strideBytes, long length, long sizes, int ranges) {
    int error;
    try {
      error =
          (int)
              library.mapRanges.invokeExact(
                  twin, va, strideBytes, va + places.delta(), length, sizes, ranges);
    } catch (Throwable e) {
      throw failed(e);
    }
    check(error);
  }

  @Override
  public long unmapRanges(long va, long strideBytes, long length, int ranges) {
    try {
      return (long) library.unmapRanges.invokeExact(twin, va, strideBytes, length, ranges);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void mapPages(Places places, int from, int end) {
    int error;
    try {
      error =
          (int)
              library.mapPages.invokeExact(
                  twin, places.va(), places.pa(), places.nativePages(), from, end);
    } catch (Throwable e) {
      throw failed(e);
    }
    check(error);
  }

  @Override
  public long unmapPages(Places places, int from, int end) {
    try {
      return (long)
          library.unmapPages.invokeExact(twin, places.va(), places.nativePages(), from, end);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public long translatePages(Places places, int from, int end) {
    try {
      return (long)
          library.translatePages.invokeExact(twin, places.va(), places.nativePages(), from, end);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    try {
      library.free.invokeExact(twin);
    } catch (Throwable e) {
      throw failed(e);
    }
    memory.close();
  }
}
