package dev.memdesc.bench.engine;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.bench.Places;
import dev.memdesc.bench.Subject;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.rcu.DeterministicRcu;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.space.EngineAddressSpace;
import dev.memdesc.core.stamp.Stamps;
import java.util.function.UnaryOperator;

/** The engine through its public face: descriptors, accounting and checks of arguments as ever. */
public final class EngineSubject implements Subject {
  /** Holds the tables of every question, data being addresses only. */
  private static final long MEMORY_BYTES = 64L << 20;

  private final Memdesc machine;
  private final AddressSpace space;
  private final Gather gather;
  private final Reader reader;
  private final Attributes attributes;
  private final int frameLg2;
  private PageSizes usable = PageSizes.ANY;

  private EngineSubject(Memdesc machine, AddressSpace space) {
    this.machine = machine;
    this.space = space;
    this.gather = space.gather();
    this.reader = machine.newReader();
    this.attributes = Attributes.USER_DATA;
    this.frameLg2 = space.format().frameLg2();
  }

  /** A machine of its own with one address space. */
  public static EngineSubject of(BackendRegistry registry, String format) {
    Memdesc machine = machine(registry, format);
    return new EngineSubject(machine, machine.newAddressSpace("bench"));
  }

  /** The same with an engine that reports to {@link dev.memdesc.core.stamp.MemoryCounts}. */
  static EngineSubject counting(
      BackendRegistry registry, String format, UnaryOperator<TableMemory> wrapper) {
    Memdesc machine = machine(registry, format);
    TableFormat counted = machine.selection().format();
    AddressSpace space =
        new EngineAddressSpace(
            "counted",
            counted,
            machine.memory(),
            machine.descriptors(),
            wrapper.apply(machine.tableMemory()),
            machine.rcu(),
            PageAllocator.ANY_NODE,
            Stamps.counting(counted, machine.memory()),
            closed -> {});
    return new EngineSubject(machine, space);
  }

  private static Memdesc machine(BackendRegistry registry, String format) {
    return Memdesc.builder()
        .registry(registry)
        .arch(format)
        .memoryBytes(MEMORY_BYTES)
        .rcu(() -> DeterministicRcu.of(RcuFlavour.preferred()))
        .build();
  }

  @Override
  public String name() {
    return space.format().name();
  }

  /** The format of the tables. */
  public TableFormat format() {
    return space.format();
  }

  /** The machine, to look into its memory. */
  public Memdesc machine() {
    return machine;
  }

  /** The reader of the thread that made this subject. */
  public Reader reader() {
    return reader;
  }

  /** The address space. */
  public AddressSpace space() {
    return space;
  }

  @Override
  public void mapRanges(
      Places places, long va, long strideBytes, long length, long sizes, int ranges) {
    if (usable.bitmap() != sizes) {
      usable = new PageSizes(sizes);
    }
    long delta = places.delta();
    for (int i = 0; i < ranges; i++) {
      long at = va + i * strideBytes;
      space.map(at, at + delta, length, attributes, usable, gather);
    }
  }

  @Override
  public long unmapRanges(long va, long strideBytes, long length, int ranges) {
    long bytes = 0;
    for (int i = 0; i < ranges; i++) {
      bytes += space.unmap(va + i * strideBytes, length, gather);
      settle();
    }
    return bytes;
  }

  @Override
  public void mapPages(Places places, int from, int end) {
    // Locals: the loops of the C twin have theirs in registers too.
    AddressSpace space = this.space;
    Gather gather = this.gather;
    int frameLg2 = this.frameLg2;
    int[] pages = places.pages();
    long va = places.va();
    long pa = places.pa();
    long length = 1L << frameLg2;
    for (int i = from; i < end; i++) {
      long offset = (long) pages[i] << frameLg2;
      space.map(va + offset, pa + offset, length, attributes, gather);
    }
  }

  @Override
  public long unmapPages(Places places, int from, int end) {
    // Locals: the loops of the C twin have theirs in registers too.
    AddressSpace space = this.space;
    Gather gather = this.gather;
    int frameLg2 = this.frameLg2;
    int[] pages = places.pages();
    long va = places.va();
    long length = 1L << frameLg2;
    long bytes = 0;
    for (int i = from; i < end; i++) {
      bytes += space.unmap(va + ((long) pages[i] << frameLg2), length, gather);
    }
    settle();
    return bytes;
  }

  /**
   * Flushes the gather; if tables went, a grace period passes and they are cleared and taken back
   * here and now: what a callback thread would do is part of what is measured.
   */
  private void settle() {
    boolean tables = gather.tables() > 0;
    gather.flush();
    if (tables) {
      machine.rcu().barrier();
    }
  }

  @Override
  public long translatePages(Places places, int from, int end) {
    AddressSpace space = this.space;
    Reader reader = this.reader;
    int frameLg2 = this.frameLg2;
    int[] pages = places.pages();
    long va = places.va();
    long sum = 0;
    for (int i = from; i < end; i++) {
      sum += space.translate(va + ((long) pages[i] << frameLg2), reader);
    }
    return sum;
  }

  @Override
  public void close() {
    gather.close();
    reader.close();
    space.close();
    machine.close();
  }
}
