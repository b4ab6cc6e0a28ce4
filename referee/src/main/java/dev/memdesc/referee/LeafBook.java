package dev.memdesc.referee;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The leaves of an address space: where they are is what the engine says, what they must hold is
 * what the {@link PlainMap} says and what hardware has added since. Also which tables there are.
 */
final class LeafBook {
  private final AddressSpace space;
  private final TableFormat format;
  private final PlainMap plain;
  private Map<Long, Entry> leaves = new HashMap<>();
  private Set<Integer> sizes = new HashSet<>();
  private final Set<Long> tables = new HashSet<>();

  /** One leaf; what hardware adds to its attributes is remembered here. */
  static final class Entry {
    final long va;
    final int sizeLg2;
    final long pa;
    private final Attributes asked;
    private final Object mapping;
    Attributes attributes;

    private Entry(
        long va, int sizeLg2, PlainMap.Range range, Attributes asked, Attributes attributes) {
      this.va = va;
      this.sizeLg2 = sizeLg2;
      this.pa = range.pa() + (va - range.va());
      this.mapping = range.mapping();
      this.asked = asked;
      this.attributes = attributes;
    }

    /** Whether a va is in this leaf. */
    boolean covers(long at) {
      return (at ^ va) >>> sizeLg2 == 0;
    }

    /** What is at a va of this leaf. */
    Page page(long at) {
      return new Page(pa + (at - va), sizeLg2, asked, attributes);
    }
  }

  LeafBook(AddressSpace space, PlainMap plain) {
    this.space = space;
    this.format = space.format();
    this.plain = plain;
  }

  /**
   * Reads what is mapped now and compares it with the plain map and with what hardware did.
   *
   * @return what differs, in words
   */
  List<String> readAgain(Reader reader) {
    List<String> differences = new ArrayList<>();
    Map<Long, Entry> found = new HashMap<>();
    sizes = new HashSet<>();
    long[] bytes = {0};
    long half = 1L << (format.va().bits() - 1);
    for (long first : new long[] {0, half}) {
      AddressRange range =
          new AddressRange(format.va().extend(first), format.va().extend(first + (half - 1)));
      space.visit(
          range,
          (run, pa, sizeLg2, attributes) -> {
            for (long at = 0; at < run.length(); at += 1L << sizeLg2) {
              bytes[0] += 1L << sizeLg2;
              Entry entry = book(run.start() + at, pa + at, sizeLg2, attributes, differences);
              if (entry != null) {
                found.put(entry.va, entry);
                sizes.add(sizeLg2);
              }
            }
          },
          reader);
    }
    long expected =
        plain.all().stream()
            .filter(range -> range.attributes() != null)
            .mapToLong(PlainMap.Range::length)
            .sum();
    if (bytes[0] != expected) {
      differences.add("mapped bytes: engine=%d, plain map=%d".formatted(bytes[0], expected));
    }
    leaves = found;
    tables.clear();
    space.visitTables((level, va, table) -> tables.add(tableKey(level, va)), reader);
    return differences;
  }

  private @Nullable Entry book(
      long va, long pa, int sizeLg2, Attributes read, List<String> differences) {
    PlainMap.Range range = plain.at(va);
    Attributes asked = range == null ? null : range.asked();
    Attributes merged = range == null ? null : range.attributes();
    if (range == null || asked == null || merged == null) {
      differences.add("a leaf where the plain map has none: va=" + Hex.of(va));
      return null;
    }
    long wanted = range.pa() + (va - range.va());
    Entry before = leaves.get(va);
    Attributes expected = merged;
    if (before != null && before.sizeLg2 == sizeLg2 && before.mapping.equals(range.mapping())) {
      int added = before.attributes.access() & (Access.ACCESSED.bit() | Access.DIRTY.bit());
      expected = withAccess(merged, merged.access() | added);
    }
    if (pa != wanted || !read.equals(expected)) {
      differences.add(
          "a leaf differs: va=%s, size=2^%d, pa=%s, wanted=%s, has=[%s], wanted=[%s]"
              .formatted(Hex.of(va), sizeLg2, Hex.of(pa), Hex.of(wanted), read, expected));
    }
    return new Entry(va, sizeLg2, range, asked, expected);
  }

  private static Attributes withAccess(Attributes attributes, int access) {
    return new Attributes(
        access, attributes.memoryType(), attributes.protectionKey(), attributes.software());
  }

  /** The leaves, in no order. */
  List<Entry> all() {
    return List.copyOf(leaves.values());
  }

  /** The leaf at a va, or null. */
  @Nullable Entry at(long va) {
    if (!format.va().allows(va)) {
      return null;
    }
    for (int sizeLg2 : sizes) {
      Entry entry = leaves.get(va & -1L << sizeLg2);
      if (entry != null && entry.sizeLg2 == sizeLg2) {
        return entry;
      }
    }
    return null;
  }

  /** The lowest level that has a table for a va. */
  int stopLevel(long va) {
    for (int level = 0; level < format.rootLevel(); level++) {
      if (tables.contains(tableKey(level, va))) {
        return level;
      }
    }
    return format.rootLevel();
  }

  /** A va has its level's number in bits that the table's span leaves free. */
  private long tableKey(int level, long va) {
    return (va & -1L << format.level(level).spanLg2()) | level;
  }
}
