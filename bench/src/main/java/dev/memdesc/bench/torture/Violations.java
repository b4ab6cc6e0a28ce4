package dev.memdesc.bench.torture;

import java.util.ArrayList;
import java.util.List;

/**
 * What was found wrong, from any thread: violations of a rule that a check has seen, which is also
 * how a planted fault is found, and alarms, which say that the run itself went wrong.
 */
public final class Violations {
  private static final int MOST_TEXTS = 20;

  private final List<String> texts = new ArrayList<>();
  private volatile long count;
  private volatile boolean found;

  /** Nothing found yet. */
  public Violations() {}

  /** Notes a violation that a check has seen. */
  public synchronized void add(String text) {
    found = true;
    note(text);
  }

  /** Notes that the run went wrong: nothing moves, or the machine lacks something. */
  public synchronized void alarm(String text) {
    note(text);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under this object's lock
  private void note(String text) {
    count = count + 1;
    if (texts.size() < MOST_TEXTS) {
      texts.add(text);
    }
  }

  /** How many there were, alarms among them. */
  public long count() {
    return count;
  }

  /** Whether a check has seen something: what a planted fault must come to. */
  public boolean found() {
    return found;
  }

  /** The first ones. */
  public synchronized List<String> texts() {
    return List.copyOf(texts);
  }
}
