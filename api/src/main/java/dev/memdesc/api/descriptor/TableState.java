package dev.memdesc.api.descriptor;

/**
 * Where a table is in its life.
 *
 * <pre>
 *             +------------------- lost install, rollback ------------------+
 *             v                                                             |
 *   FREE -> ALLOCATED -> HOOKED -> DEAD -> UNHOOKED -> FLUSHED -> WAITING -> FREE
 *             |            ^ |               |  ^         |
 *             |            | v               |  |         |
 *             |            | FROZEN ---------|--+         |
 *             |            +---- re-hook ----+            |
 *             |            +---- split ----+              |
 *             +------- huge page ----> DEPOSITED <--------+ collapse
 *                                          +--- zap ---> FREE
 * </pre>
 *
 * <p>DEAD takes no entry but is still in its parent's item; FLUSHED means that the invalidation
 * that covers the table is complete; WAITING is for a grace period. A root grows by staying HOOKED.
 */
public enum TableState {
  /** Not in use. */
  FREE,
  /** Handed out, seen by nobody else. */
  ALLOCATED,
  /** In its parent's item, or a root. */
  HOOKED,
  /** Still in its parent's item, but takes no more entries. */
  DEAD,
  /** In no item; a walker may still be inside, a walk cache may still know it. */
  UNHOOKED,
  /** No walk cache knows it any more. */
  FLUSHED,
  /** Waits until no walker can be inside. */
  WAITING,
  /** Kept with a large leaf for the day when that is split. */
  DEPOSITED,
  /** Hooked, but takes no entry while it is being replaced or moved. */
  FROZEN;

  private static final TableState[] VALUES = values();
  private static final int[] NEXT = new int[VALUES.length];

  static {
    edge(FREE, ALLOCATED);
    edge(ALLOCATED, HOOKED, FREE, DEPOSITED);
    edge(HOOKED, DEAD, FROZEN, HOOKED);
    edge(DEAD, UNHOOKED);
    edge(UNHOOKED, FLUSHED, HOOKED);
    edge(FLUSHED, WAITING, DEPOSITED);
    edge(WAITING, FREE);
    edge(DEPOSITED, HOOKED, FREE);
    edge(FROZEN, HOOKED, UNHOOKED);
  }

  private static void edge(TableState from, TableState... to) {
    for (TableState state : to) {
      NEXT[from.ordinal()] |= 1 << state.ordinal();
    }
  }

  /** The state with this ordinal, without copying the array of all. */
  static TableState of(int ordinal) {
    return VALUES[ordinal];
  }

  /** Whether a table in this state may go to {@code next} in one step. */
  public boolean mayBecome(TableState next) {
    return (NEXT[ordinal()] >>> next.ordinal() & 1) != 0;
  }
}
