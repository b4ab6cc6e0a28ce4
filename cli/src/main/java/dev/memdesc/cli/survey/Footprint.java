package dev.memdesc.cli.survey;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.Set;

/**
 * What the tables of one process take as memory, in whole pages of the format.
 *
 * @param tables linked and deposited ones
 * @param walkedBytes what hardware reads as tables: without shadows and what is unused
 * @param pageBytes the pages that they lie in; of a root that shares a page with those of other
 *     processes, its own bytes
 * @param fragments tables that share a page, roots excepted
 * @param fragmentPages the pages that they share
 * @param mappedBytes what the leaves translate
 */
record Footprint(
    long tables,
    long walkedBytes,
    long pageBytes,
    long fragments,
    long fragmentPages,
    long mappedBytes) {

  /** Bytes of pages that hardware does not walk: unused fragments, halves of pages, shadows. */
  long wasteBytes() {
    return pageBytes - walkedBytes;
  }

  /** Pages of tables in percent of what they map, two decimals; 0 if that is nothing. */
  BigDecimal percentOfMapped() {
    double percent = mappedBytes == 0 ? 0 : 100.0 * pageBytes / mappedBytes;
    return BigDecimal.valueOf(percent).setScale(2, RoundingMode.HALF_UP);
  }

  /** The sum of this and another process's. */
  Footprint plus(Footprint other) {
    return new Footprint(
        tables + other.tables,
        walkedBytes + other.walkedBytes,
        pageBytes + other.pageBytes,
        fragments + other.fragments,
        fragmentPages + other.fragmentPages,
        mappedBytes + other.mappedBytes);
  }

  /** Adds up tables. */
  static final class Counter {
    private final TableFormat format;
    private final Set<Long> sharedFrames = new HashSet<>();
    private long tables;
    private long walkedBytes;
    private long wholeBytes;
    private long fragments;

    Counter(TableFormat format) {
      this.format = format;
    }

    /** Adds a linked table, and those that are deposited with it. */
    void add(TableDescriptor table) {
      addOne(table);
      for (TableDescriptor kept = table.deposited(); kept != null; kept = kept.next()) {
        addOne(kept);
      }
    }

    private void addOne(TableDescriptor table) {
      Placement placement = format.level(table.level()).table();
      tables++;
      walkedBytes += placement.bytes();
      long align = 1L << placement.alignLg2();
      long bytes = (placement.allBytes() + align - 1) & -align;
      if (2 * bytes > format.frameBytes()) {
        long block = Math.max(format.frameBytes(), Long.highestOneBit(2 * bytes - 1));
        wholeBytes += block;
      } else if (table.level() == format.rootLevel()) {
        wholeBytes += bytes;
      } else {
        fragments++;
        sharedFrames.add(table.pa() >>> format.frameLg2());
      }
    }

    /** The sum. */
    Footprint sum(long mappedBytes) {
      return new Footprint(
          tables,
          walkedBytes,
          wholeBytes + sharedFrames.size() * format.frameBytes(),
          fragments,
          sharedFrames.size(),
          mappedBytes);
    }
  }
}
