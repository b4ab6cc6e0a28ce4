package dev.memdesc.core;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the name that someone who mistyped probably meant. */
final class NearestName {
  private NearestName() {}

  /** The candidate that the fewest edits lead to, the first of equals; null if all are far off. */
  static @Nullable String of(String name, List<String> candidates) {
    String wanted = name.toLowerCase(Locale.ROOT);
    String nearest = null;
    // A third of the letters wrong is a typing error; more is another word.
    int least = Math.max(1, wanted.length() / 3) + 1;
    for (String candidate : candidates) {
      int edits = edits(wanted, candidate);
      if (edits < least) {
        least = edits;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** Insertions, deletions and replacements from one to the other (Levenshtein), row by row. */
  static int edits(String from, String to) {
    int[] above = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] row = new int[to.length() + 1];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[to.length()];
  }
}
