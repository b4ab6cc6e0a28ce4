package dev.memdesc.cli.replay;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Findings: all counted, the lines of the first of each kind kept. One thread uses it. */
final class Findings {
  private static final int SHOWN = 5;

  /** How often a finding occurred, and the numbers of its first lines. */
  record Count(long count, List<Long> firstLines) {}

  private final long[] counts = new long[Finding.values().length];
  private final Map<Finding, List<Long>> lines = new EnumMap<>(Finding.class);

  Findings() {}

  /** Counts one, of the line with that number. */
  void add(Finding finding, long line) {
    if (counts[finding.ordinal()]++ < SHOWN) {
      lines.computeIfAbsent(finding, _ -> new ArrayList<>()).add(line);
    }
  }

  /** Those that occurred. */
  Map<Finding, Count> counts() {
    Map<Finding, Count> all = new EnumMap<>(Finding.class);
    lines.forEach(
        (finding, first) ->
            all.put(finding, new Count(counts[finding.ordinal()], List.copyOf(first))));
    return Collections.unmodifiableMap(all);
  }
}
