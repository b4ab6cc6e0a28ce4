package dev.memdesc.cli.survey;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.VaRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Where the mappings of a process go in a format that translates fewer addresses than the host's: a
 * kernel with that format would have placed them closer together. The largest gaps are cut first,
 * by multiples of what an item of the root spans, until the last mapping fits. So every mapping
 * keeps its place below the root; and as long as there is room, no two come into one item of the
 * root that were in two.
 */
final class AddressFit {
  private final TableFormat format;
  // The key is the start of the first mapping behind a gap that was cut.
  private final NavigableMap<Long, Long> shifts = new TreeMap<>();

  /**
   * A gap before a mapping.
   *
   * @param end where the mapping starts
   * @param cut how much of the gap is not needed, the first time; one unit more is the second
   */
  private record Gap(long end, long cut) {}

  private AddressFit(TableFormat format) {
    this.format = format;
  }

  /**
   * Places mappings.
   *
   * @param mappings of the lower half, ascending
   */
  static AddressFit of(List<Vma> mappings, TableFormat format) {
    AddressFit fit = new AddressFit(format);
    long excess = mappings.isEmpty() ? 0 : mappings.getLast().end() - 1 - fit.lastVa();
    if (excess <= 0) {
      return fit;
    }
    long unit = 1L << format.level(format.rootLevel()).shift();
    List<Gap> gaps = new ArrayList<>();
    long end = 0;
    for (Vma vma : mappings) {
      long whole = (vma.start() - end) & -unit;
      if (whole > 0) {
        gaps.add(new Gap(vma.start(), whole - unit));
      }
      end = vma.end();
    }
    gaps.sort(Comparator.comparingLong(Gap::cut).reversed());
    for (Gap gap : gaps) {
      excess -= fit.cut(gap, excess > 0 ? gap.cut() : 0);
    }
    for (Gap gap : gaps) {
      excess -= fit.cut(gap, excess > 0 ? unit : 0);
    }
    long sum = 0;
    for (var entry : fit.shifts.entrySet()) {
      sum += entry.getValue();
      entry.setValue(sum);
    }
    return fit;
  }

  private long cut(Gap gap, long bytes) {
    if (bytes > 0) {
      shifts.merge(gap.end(), bytes, Long::sum);
    }
    return bytes;
  }

  /** Whether any mapping has another address than in the process. */
  boolean isMoved() {
    return !shifts.isEmpty();
  }

  /** What is subtracted from the addresses of a mapping, a multiple of every leaf's size. */
  long shift(Vma vma) {
    var entry = shifts.floorEntry(vma.start());
    return entry == null ? 0 : entry.getValue();
  }

  /** Whether the format can translate the mapping at its place. */
  boolean holds(Vma vma) {
    return Long.compareUnsigned(vma.end() - 1 - shift(vma), lastVa()) <= 0;
  }

  /** The last va of the lower half, which is the processes'. */
  private long lastVa() {
    VaRule va = format.va();
    return va.bits() == 64
        ? Long.MAX_VALUE
        : (1L << (va.bits() - (va.extension() == VaRule.Extension.SIGN ? 1 : 0))) - 1;
  }
}
