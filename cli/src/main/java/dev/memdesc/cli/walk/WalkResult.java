package dev.memdesc.cli.walk;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.core.image.Finding;
import dev.memdesc.core.image.ImageTables;
import dev.memdesc.core.image.ImageVisitor;
import dev.memdesc.core.image.ImageWalk;
import dev.memdesc.core.image.LevelCensus;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a walk showed: the first ranges, the first findings of each kind, and how many of each. */
final class WalkResult implements ImageVisitor {
  /** How many findings of a kind are kept. */
  private static final int SHOWN_FINDINGS = 10;

  private final int limit;
  private final List<Range> first = new ArrayList<>();
  private final Map<Finding.Kind, Long> counts = new EnumMap<>(Finding.Kind.class);
  private final List<Finding> shown = new ArrayList<>();
  private List<LevelCensus> levels = List.of();
  private long ranges;
  private long bytes;

  /** A run of leaves of one size. */
  record Range(AddressRange va, long pa, int leafLg2, Attributes attributes) {}

  private WalkResult(int limit) {
    this.limit = limit;
  }

  /** Walks, and keeps at most {@code limit} ranges. Throws as {@link ImageWalk#of}. */
  static WalkResult of(ImageTables tables, int limit, long budget) {
    WalkResult result = new WalkResult(limit);
    result.levels = ImageWalk.of(tables, result, budget);
    return result;
  }

  @Override
  public void leaves(AddressRange range, long pa, int leafSizeLg2, Attributes attributes) {
    ranges++;
    bytes += range.length();
    if (first.size() < limit) {
      first.add(new Range(range, pa, leafSizeLg2, attributes));
    }
  }

  @Override
  public void finding(Finding finding) {
    if (counts.merge(finding.kind(), 1L, Long::sum) <= SHOWN_FINDINGS) {
      shown.add(finding);
    }
  }

  /** The ranges that were kept. */
  List<Range> first() {
    return first;
  }

  /** How many ranges there are. */
  long ranges() {
    return ranges;
  }

  /** How many bytes of va are mapped, unsigned. */
  long bytes() {
    return bytes;
  }

  /** How many findings there are. */
  long findings() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The same by kind. */
  Map<Finding.Kind, Long> counts() {
    return counts;
  }

  /** The findings that were kept. */
  List<Finding> shown() {
    return shown;
  }

  /** What was counted, level 0 first. */
  List<LevelCensus> levels() {
    return levels;
  }
}
