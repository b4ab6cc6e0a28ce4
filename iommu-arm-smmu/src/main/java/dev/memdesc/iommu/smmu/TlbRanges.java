package dev.memdesc.iommu.smmu;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.iommu.smmu.Command.Range;
import java.util.function.Consumer;

/**
 * A range of addresses as TLBI commands: IHI 0070 section 4.4.1.1 "Range-based invalidation and
 * level hint". With ranges, a command takes (NUM + 1) &lt;&lt; SCALE granules, so each takes five
 * bits of what is left, the lowest first. Without, each translation takes a command of its own.
 */
final class TlbRanges {
  /** More single commands than this cost more than forgetting everything. */
  private static final long MOST_SINGLE = 128;

  private static final int MAX_SCALE = 31;
  private static final long MAX_NUM = (1 << Command.RANGE_NUM_BITS) - 1;

  private static final long MOST_GRANULES = 1L << (MAX_SCALE + Command.RANGE_NUM_BITS - 1);

  private static final int MANUAL_LEAF_LEVEL = 3;

  private final TableFormat format;
  private final boolean ranges;

  TlbRanges(TableFormat format, boolean ranges) {
    this.format = format;
    this.ranges = ranges;
  }

  /**
   * Gives the ranges of the commands to a sink.
   *
   * @param leafSizes as {@link dev.memdesc.api.spi.Invalidator#invalidate}
   * @param tables whether walks must be forgotten too
   * @return whether it did; else there are so many that everything should be forgotten instead
   */
  boolean split(long first, long last, long leafSizes, boolean tables, Consumer<Range> sink) {
    int granule = format.frameLg2();
    if (!ranges) {
      return splitSingly(first, last, leafSizes, tables, sink);
    }
    long page = first >>> granule;
    long left = (last >>> granule) - page + 1;
    if (left > MOST_GRANULES) {
      return false;
    }
    // A level is told only of whole leaves: what begins inside one need not be found by its level.
    boolean whole =
        leafSizes != 0 && ((first | last + 1) & (Long.highestOneBit(leafSizes) - 1)) == 0;
    int ttl = tables || !whole ? 0 : level(leafSizes);
    while (left != 0) {
      int scale = Math.min(Long.numberOfTrailingZeros(left), MAX_SCALE);
      long num = left >>> scale & MAX_NUM;
      long va = page << granule;
      // A range of one granule whose level is not known has an encoding that means something else.
      boolean one = num == 1 && scale == 0 && ttl == 0;
      sink.accept(one ? Range.one(va) : new Range(va, granule, (int) num - 1, scale, true, ttl));
      page += num << scale;
      left -= num << scale;
    }
    return true;
  }

  private boolean splitSingly(
      long first, long last, long leafSizes, boolean tables, Consumer<Range> sink) {
    int stepLg2 =
        tables || leafSizes == 0 ? format.frameLg2() : Long.numberOfTrailingZeros(leafSizes);
    long at = first >>> stepLg2;
    long count = (last >>> stepLg2) - at + 1;
    if (count > MOST_SINGLE) {
      return false;
    }
    for (long i = 0; i < count; i++) {
      sink.accept(Range.one((at + i) << stepLg2));
    }
    return true;
  }

  /** The manual's level of leaves of one size; 0 if they have several, or it is not known. */
  private int level(long leafSizes) {
    if (Long.bitCount(leafSizes) != 1) {
      return 0;
    }
    int sizeLg2 = Long.numberOfTrailingZeros(leafSizes);
    for (int level = 0; level < MANUAL_LEAF_LEVEL && level <= format.rootLevel(); level++) {
      if (format.level(level).shift() == sizeLg2) {
        return MANUAL_LEAF_LEVEL - level;
      }
    }
    return 0;
  }
}
