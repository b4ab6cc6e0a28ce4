package dev.memdesc.cli.input;

import java.util.ArrayList;
import java.util.List;

/** Lines that are not what they should be: all counted, the first few kept to be shown. */
public final class BadLines {
  private static final int SHOWN = 5;
  private static final int SHOWN_CHARACTERS = 80;

  private final List<String> shown = new ArrayList<>();
  private long count;

  /** None yet. */
  public BadLines() {}

  /** Counts a line of {@code file}; the number counts from 1. */
  public void add(String file, long number, String why, String line) {
    count++;
    if (shown.size() < SHOWN) {
      String start =
          line.length() > SHOWN_CHARACTERS ? line.substring(0, SHOWN_CHARACTERS) + "..." : line;
      shown.add("%s line %d %s: line=\"%s\"".formatted(file, number, why, Printable.of(start)));
    }
  }

  /** Counts lines that are missing. */
  public void add(String what) {
    count++;
    shown.add(what);
  }

  /** How many there were. */
  public long count() {
    return count;
  }

  /** Where and what the first ones were. */
  public List<String> shown() {
    return List.copyOf(shown);
  }
}
