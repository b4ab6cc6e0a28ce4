package dev.memdesc.cli.survey;

import java.util.ArrayList;
import java.util.List;

/** Lines that are not what they should be: all counted, the first few kept to be shown. */
final class BadLines {
  private static final int SHOWN = 5;
  private static final int SHOWN_CHARACTERS = 80;

  private final List<String> shown = new ArrayList<>();
  private long count;

  /** Counts a line of {@code file}; the number counts from 1. */
  void add(String file, long number, String why, String line) {
    count++;
    if (shown.size() < SHOWN) {
      String start =
          line.length() > SHOWN_CHARACTERS ? line.substring(0, SHOWN_CHARACTERS) + "..." : line;
      shown.add("%s line %d %s: line=\"%s\"".formatted(file, number, why, Printable.of(start)));
    }
  }

  /** Counts lines that are missing. */
  void add(String what) {
    count++;
    shown.add(what);
  }

  /** How many there were. */
  long count() {
    return count;
  }

  /** Where and what the first ones were. */
  List<String> shown() {
    return List.copyOf(shown);
  }
}
