package dev.memdesc.bench.torture;

import java.util.ArrayList;
import java.util.List;

/** What was found wrong, from any thread. */
public final class Violations {
  private static final int MOST_TEXTS = 20;

  private final List<String> texts = new ArrayList<>();
  private volatile long count;

  /** Nothing found yet. */
  public Violations() {}

  /** Notes a violation. */
  public synchronized void add(String text) {
    count = count + 1;
    if (texts.size() < MOST_TEXTS) {
      texts.add(text);
    }
  }

  /** How many there were. */
  public long count() {
    return count;
  }

  /** The first ones. */
  public synchronized List<String> texts() {
    return List.copyOf(texts);
  }
}
