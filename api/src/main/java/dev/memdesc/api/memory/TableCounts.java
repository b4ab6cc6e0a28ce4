package dev.memdesc.api.memory;

import java.util.List;

/**
 * What tables cost at one moment.
 *
 * @param levels level 0 first
 */
public record TableCounts(List<Level> levels) {
  /** Copies the list. */
  public TableCounts {
    levels = List.copyOf(levels);
  }

  /**
   * The tables of one level.
   *
   * @param level its number
   * @param linked tables in an item of a parent, and roots
   * @param deposited tables kept with large leaves
   * @param hardwareBytes what Linux's VmPTE counts: items of linked and deposited tables; 0 for the
   *     levels that it does not count
   * @param allocatedBytes bytes of memory that table memory handed out for the level
   * @param waitingBytes those of them that wait for a grace period and can be used afterwards
   */
  public record Level(
      int level,
      long linked,
      long deposited,
      long hardwareBytes,
      long allocatedBytes,
      long waitingBytes) {}

  /** The sum over all levels of what Linux's VmPTE counts. */
  public long hardwareBytes() {
    return levels.stream().mapToLong(Level::hardwareBytes).sum();
  }

  /** The sum over all levels of the memory handed out. */
  public long allocatedBytes() {
    return levels.stream().mapToLong(Level::allocatedBytes).sum();
  }

  /** The sum over all levels of the memory that waits for a grace period. */
  public long waitingBytes() {
    return levels.stream().mapToLong(Level::waitingBytes).sum();
  }

  /** Linked tables of all levels. */
  public long linked() {
    return levels.stream().mapToLong(Level::linked).sum();
  }

  /** Deposited tables of all levels. */
  public long deposited() {
    return levels.stream().mapToLong(Level::deposited).sum();
  }
}
