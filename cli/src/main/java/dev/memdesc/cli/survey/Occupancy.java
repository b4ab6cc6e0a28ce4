package dev.memdesc.cli.survey;

import java.util.List;

/** How full the tables of one level are: how many tables fall into each class. */
final class Occupancy {
  /** The classes as text, emptiest first; each excludes those before it. */
  static final List<String> TITLES =
      List.of("empty", "to 1/64", "to 1/8", "to 1/4", "to 1/2", "below full", "full");

  /** The classes as keys of JSON. */
  static final List<String> KEYS =
      List.of("empty", "upTo1Of64", "upTo1Of8", "upTo1Of4", "upTo1Of2", "belowFull", "full");

  private final long[] tables = new long[TITLES.size()];

  /**
   * Counts a table.
   *
   * @param entries how many of its items are not EMPTY
   * @param items how many items it has
   */
  void add(int entries, int items) {
    tables[classOf(entries, items)]++;
  }

  private static int classOf(long entries, long items) {
    if (entries == 0) {
      return 0;
    }
    if (entries * 64 <= items) {
      return 1;
    }
    if (entries * 8 <= items) {
      return 2;
    }
    if (entries * 4 <= items) {
      return 3;
    }
    if (entries * 2 <= items) {
      return 4;
    }
    return entries < items ? 5 : 6;
  }

  /** Tables in a class. */
  long tables(int index) {
    return tables[index];
  }
}
