package dev.memdesc.cli.survey;

import dev.memdesc.api.format.TableFormat;
import java.util.ArrayList;
import java.util.List;

/**
 * How many bytes of tables the mappings could have that pagemap does not show (device memory, the
 * kernel's variables): the tables that they would need if every page of theirs had an entry, less
 * those that are built already.
 */
final class InvisibleBound {
  private final TableFormat format;
  private final List<Vma> mappings = new ArrayList<>();
  private final long[] missing;

  InvisibleBound(TableFormat format) {
    this.format = format;
    this.missing = new long[format.levels().size()];
  }

  /** Adds a mapping; they ascend. */
  void add(Vma vma) {
    for (int level = 0; level < missing.length; level++) {
      int spanLg2 = format.level(level).spanLg2();
      long first = vma.start() >>> spanLg2;
      long last = (vma.end() - 1) >>> spanLg2;
      boolean shared = !mappings.isEmpty() && (mappings.getLast().end() - 1) >>> spanLg2 == first;
      missing[level] += last - first + (shared ? 0 : 1);
    }
    mappings.add(vma);
  }

  /** Takes away a table that is there. */
  void exists(int level, long va) {
    int spanLg2 = format.level(level).spanLg2();
    long span = va >>> spanLg2;
    // The first mapping that ends behind the start of the span is the only candidate.
    int low = 0;
    int high = mappings.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if ((mappings.get(middle).end() - 1) >>> spanLg2 < span) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low < mappings.size() && mappings.get(low).start() >>> spanLg2 <= span) {
      missing[level]--;
    }
  }

  /** Bytes of the levels that VmPTE counts. */
  long bytes() {
    long bytes = 0;
    for (int level = 0; level < missing.length; level++) {
      if (format.countedByLinux(level)) {
        bytes += missing[level] * format.level(level).table().bytes();
      }
    }
    return bytes;
  }
}
