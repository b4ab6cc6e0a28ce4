package dev.memdesc.referee;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an address space should hold: ranges of va by their start. It shares nothing with the engine
 * and knows neither tables nor leaves.
 */
final class PlainMap {
  // The key is the start with the sign flipped, so that the order is that of unsigned numbers.
  private final TreeMap<Long, Range> ranges = new TreeMap<>();

  /**
   * Something in a range of va.
   *
   * @param asked the attributes of the last map or protect; null for a SOFT entry
   * @param attributes the same with the ACCESSED and DIRTY of before
   * @param mapping which map it is from: one that was unmapped and mapped again is another
   */
  record Range(
      long va,
      long length,
      long pa,
      @Nullable Attributes asked,
      @Nullable Attributes attributes,
      Object mapping) {
    Range(long va, long length, long pa, @Nullable Attributes attributes) {
      this(va, length, pa, attributes, attributes, new Object());
    }

    long last() {
      return va + (length - 1);
    }

    private Range part(long from, long bytes) {
      return new Range(from, bytes, pa + (from - va), asked, attributes, mapping);
    }
  }

  private static long key(long va) {
    return va ^ Long.MIN_VALUE;
  }

  /** What is at a va, or null. */
  @Nullable Range at(long va) {
    Map.Entry<Long, Range> entry = ranges.floorEntry(key(va));
    return entry != null && Long.compareUnsigned(va, entry.getValue().last()) <= 0
        ? entry.getValue()
        : null;
  }

  /** Whether anything is in the range. */
  boolean overlaps(long va, long length) {
    return !in(va, length).isEmpty();
  }

  private List<Range> in(long va, long length) {
    Range first = at(va);
    Collection<Range> others =
        ranges.subMap(key(va), first == null, key(va + (length - 1)), true).values();
    List<Range> found = new ArrayList<>();
    if (first != null) {
      found.add(first);
      others.stream().filter(range -> range.va() != first.va()).forEach(found::add);
    } else {
      found.addAll(others);
    }
    return found;
  }

  /** Adds a range where nothing is. */
  void add(Range range) {
    ranges.put(key(range.va()), range);
  }

  /** Takes everything out of a range; returns how many bytes something was in. */
  long remove(long va, long length) {
    long bytes = 0;
    for (Range part : cut(va, length)) {
      ranges.remove(key(part.va()));
      bytes += part.length();
    }
    return bytes;
  }

  /**
   * New attributes for what is mapped in a range; ACCESSED and DIRTY are never lost. Returns how
   * many bytes that are.
   */
  long protect(long va, long length, Attributes attributes) {
    long bytes = 0;
    for (Range part : cut(va, length)) {
      Attributes old = part.attributes();
      if (old != null) {
        int kept = old.access() & (Access.ACCESSED.bit() | Access.DIRTY.bit());
        Attributes merged =
            new Attributes(
                attributes.access() | kept,
                attributes.memoryType(),
                attributes.protectionKey(),
                attributes.software());
        add(new Range(part.va(), part.length(), part.pa(), attributes, merged, part.mapping()));
        bytes += part.length();
      }
    }
    return bytes;
  }

  /** Splits ranges at both ends; returns those that are inside then. */
  private List<Range> cut(long va, long length) {
    long last = va + (length - 1);
    List<Range> inside = new ArrayList<>();
    for (Range range : in(va, length)) {
      ranges.remove(key(range.va()));
      long from = Long.compareUnsigned(range.va(), va) < 0 ? va : range.va();
      long to = Long.compareUnsigned(range.last(), last) > 0 ? last : range.last();
      if (from != range.va()) {
        add(range.part(range.va(), from - range.va()));
      }
      if (to != range.last()) {
        add(range.part(to + 1, range.last() - to));
      }
      Range middle = range.part(from, to - from + 1);
      add(middle);
      inside.add(middle);
    }
    return inside;
  }

  /** Everything, by va. */
  List<Range> all() {
    return List.copyOf(ranges.values());
  }
}
