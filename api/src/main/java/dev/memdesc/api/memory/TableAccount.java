package dev.memdesc.api.memory;

import dev.memdesc.api.format.TableFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the tables of one owner by level and kind. Every counter is 0 when all tables are free:
 * the leak oracle of every test. Safe for any number of threads; a snapshot is exact when nobody is
 * changing anything.
 */
public final class TableAccount {
  private static final int LINKED = 0;
  private static final int DEPOSITED = 1;
  private static final int ALLOCATED_BYTES = 2;
  private static final int WAITING_BYTES = 3;
  private static final int KINDS = 4;

  // A root that grows adds a level; there is room for all of them from the beginning.
  private volatile TableFormat format;
  // Each element: atomic add, no guard.
  private final AtomicLongArray counters;
  // Volatile, only ever set: an allocation that overlaps the close may be before or after it.
  private volatile boolean closed;

  /** An account for tables of one format, and of those it grows into, all counters 0. */
  public TableAccount(TableFormat format) {
    this.format = format;
    this.counters = new AtomicLongArray(format.largest().levels().size() * KINDS);
  }

  /** Tables of a level were linked (positive) or unhooked (negative). */
  public void addLinked(int level, int tables) {
    counters.getAndAdd(level * KINDS + LINKED, tables);
  }

  /** Tables of a level were deposited (positive) or withdrawn (negative). */
  public void addDeposited(int level, int tables) {
    counters.getAndAdd(level * KINDS + DEPOSITED, tables);
  }

  /** Memory for tables of a level was handed out (positive) or taken back (negative). */
  public void addAllocatedBytes(int level, long bytes) {
    counters.getAndAdd(level * KINDS + ALLOCATED_BYTES, bytes);
  }

  /** Memory for tables of a level began (positive) or ceased (negative) to wait for readers. */
  public void addWaitingBytes(int level, long bytes) {
    counters.getAndAdd(level * KINDS + WAITING_BYTES, bytes);
  }

  /** The owner goes away: it gets no more tables. Those it has stay counted until they are free. */
  public void close() {
    closed = true;
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return closed;
  }

  /** The root has grown: tables are of this format from now on. */
  public void growInto(TableFormat next) {
    format = next;
  }

  /** Whether every counter is 0. */
  public boolean isZero() {
    for (int i = 0; i < counters.length(); i++) {
      if (counters.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** What is counted now. */
  public TableCounts snapshot() {
    TableFormat format = this.format;
    List<TableCounts.Level> levels = new ArrayList<>();
    for (int level = 0; level < format.levels().size(); level++) {
      long linked = counters.get(level * KINDS + LINKED);
      long deposited = counters.get(level * KINDS + DEPOSITED);
      long hardwareBytes =
          format.countedByLinux(level)
              ? (linked + deposited) * format.level(level).table().bytes()
              : 0;
      levels.add(
          new TableCounts.Level(
              level,
              linked,
              deposited,
              hardwareBytes,
              counters.get(level * KINDS + ALLOCATED_BYTES),
              counters.get(level * KINDS + WAITING_BYTES)));
    }
    return new TableCounts(levels);
  }
}
