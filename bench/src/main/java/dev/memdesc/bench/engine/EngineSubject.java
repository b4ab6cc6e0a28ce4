package dev.memdesc.bench.engine;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.bench.Places;
import dev.memdesc.bench.Subject;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;

/** The engine through its public face: descriptors, accounting and checks of arguments as ever. */
public final class EngineSubject implements Subject {
  /** Holds the tables of every question, data being addresses only. */
  private static final long MEMORY_BYTES = 64L << 20;

  private final Memdesc machine;
  private final AddressSpace space;
  private final Gather gather;
  private final Attributes attributes;
  private final int frameLg2;

  /** A machine of its own with one address space. */
  public EngineSubject(BackendRegistry registry, String format) {
    this.machine =
        Memdesc.builder().registry(registry).arch(format).memoryBytes(MEMORY_BYTES).build();
    this.space = machine.newAddressSpace("bench");
    this.gather = space.gather();
    this.attributes = Attributes.USER_DATA;
    this.frameLg2 = space.format().frameLg2();
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

  /** The address space. */
  public AddressSpace space() {
    return space;
  }

  @Override
  public void mapRanges(
      Places places, long va, long strideBytes, long length, long sizes, int ranges) {
    PageSizes usable = new PageSizes(sizes);
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
      gather.flush();
    }
    return bytes;
  }

  @Override
  public void mapPages(Places places, int from, int end) {
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
    int[] pages = places.pages();
    long va = places.va();
    long length = 1L << frameLg2;
    long bytes = 0;
    for (int i = from; i < end; i++) {
      bytes += space.unmap(va + ((long) pages[i] << frameLg2), length, gather);
    }
    gather.flush();
    return bytes;
  }

  @Override
  public long translatePages(Places places, int from, int end) {
    int[] pages = places.pages();
    long va = places.va();
    long sum = 0;
    for (int i = from; i < end; i++) {
      sum += space.translate(va + ((long) pages[i] << frameLg2));
    }
    return sum;
  }

  @Override
  public void close() {
    gather.close();
    machine.close();
  }
}
