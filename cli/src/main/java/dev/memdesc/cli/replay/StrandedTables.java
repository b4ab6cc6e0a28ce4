package dev.memdesc.cli.replay;

import dev.memdesc.api.TableVisitor;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.TableFormat;
import org.jspecify.annotations.Nullable;

/**
 * Counts the tables below which nothing is mapped: what freeing on empty would give back. That is
 * more than those without an entry: a table whose only entries lead to such tables goes with them.
 * A root stays.
 */
final class StrandedTables implements TableVisitor {
  private @Nullable TableFormat format;
  // By level: the table that the visit is in, the entries that are not tables, whether a table
  // below maps something. Parents come before their children.
  private final int[] entries = new int[TableFormat.MAX_LEVELS];
  private final boolean[] inUse = new boolean[TableFormat.MAX_LEVELS];
  private int lowest = TableFormat.MAX_LEVELS;
  private long visited;
  private long tables;
  private long bytes;

  StrandedTables() {}

  /** A visit of another tree begins. */
  void begin(TableFormat tableFormat) {
    format = tableFormat;
    lowest = tableFormat.levels().size();
  }

  @Override
  public void table(int level, long va, TableDescriptor table) {
    leaveBelow(level + 1);
    if (lowest <= rootLevel()) {
      entries[level + 1]--;
    }
    visited++;
    entries[level] = table.count();
    inUse[level] = false;
    lowest = level;
  }

  /** The visit of the tree is over. */
  void end() {
    leaveBelow(rootLevel() + 1);
  }

  /** The tables of the levels below this one have been seen with all that is below them. */
  private void leaveBelow(int level) {
    while (lowest < level) {
      boolean used = inUse[lowest] || entries[lowest] > 0;
      if (lowest < rootLevel()) {
        if (used) {
          inUse[lowest + 1] = true;
        } else {
          tables++;
          bytes += format().level(lowest).table().bytes();
        }
      }
      lowest++;
    }
  }

  private TableFormat format() {
    if (format == null) {
      throw new IllegalStateException("a visit has begun");
    }
    return format;
  }

  private int rootLevel() {
    return format().rootLevel();
  }

  /** All tables that were seen. */
  long visited() {
    return visited;
  }

  /** How many of them map nothing. */
  long tables() {
    return tables;
  }

  /** What these take, in bytes. */
  long bytes() {
    return bytes;
  }
}
