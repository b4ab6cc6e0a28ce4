package dev.memdesc.bench.policy;

import dev.memdesc.api.spi.HardwareMemory;

/**
 * A list whose links lie in the first two words of free tables: {@code next}, then {@code
 * previous}, each the pa of a table or {@link #END}. Only its ends are outside. Every access is
 * under the owner's lock; whoever takes a table that had links in it writes the EMPTY items again.
 */
final class InTableList {
  /** No table. */
  static final long END = -1L;

  /** Bytes of a table that the links use. */
  static final int LINK_BYTES = 16;

  private static final int PREVIOUS = 8;

  private final HardwareMemory memory;
  private long first = END;

  InTableList(HardwareMemory memory) {
    this.memory = memory;
  }

  /** The pa of the table that hosts the first links, or {@link #END}. */
  long first() {
    return first;
  }

  void addFirst(long table) {
    memory.storeRelease(table, first);
    memory.storeRelease(table + PREVIOUS, END);
    if (first != END) {
      memory.storeRelease(first + PREVIOUS, table);
    }
    first = table;
  }

  void remove(long table) {
    long next = memory.loadAcquire(table);
    long previous = memory.loadAcquire(table + PREVIOUS);
    if (previous == END) {
      first = next;
    } else {
      memory.storeRelease(previous, next);
    }
    if (next != END) {
      memory.storeRelease(next + PREVIOUS, previous);
    }
  }

  /** The links move from one table to another, at the same place of the list. */
  void move(long from, long to) {
    long next = memory.loadAcquire(from);
    long previous = memory.loadAcquire(from + PREVIOUS);
    memory.storeRelease(to, next);
    memory.storeRelease(to + PREVIOUS, previous);
    if (previous == END) {
      first = to;
    } else {
      memory.storeRelease(previous, to);
    }
    if (next != END) {
      memory.storeRelease(next + PREVIOUS, to);
    }
  }
}
