package dev.memdesc.core.memory;

import dev.memdesc.api.Failures;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.rcu.WeightedHead;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * WAITING tables under one RCU head: those whose grace period runs, and those that came since it
 * began and wait for the next one. So a table waits for two grace periods at most, a descriptor
 * needs no head of its own, and a thousand frees ask for one grace period.
 *
 * <p>Every table is counted when it comes, with its owner and with RCU, and until it is free: the
 * head itself, to which tables are added while it is queued, counts as nothing.
 *
 * <p>Leans on {@link Rcu#call}: if it throws, the head is not queued.
 */
public final class DeferredTables extends WeightedHead {
  private final Rcu rcu;
  // Index is the level.
  private final long[] tableBytes;
  private final long bound;
  private final Consumer<TableDescriptor> free;
  // All guarded by this; lists linked by TableDescriptor.next.
  private @Nullable TableDescriptor current;
  private @Nullable TableDescriptor next;
  private boolean asked;

  /**
   * Nothing waits.
   *
   * @param tableBytes what a table of each level takes; level 0 first
   * @param bound above so many bytes that wait in this RCU, whoever adds pays
   * @param free takes back a list of WAITING tables
   */
  public DeferredTables(Rcu rcu, long[] tableBytes, long bound, Consumer<TableDescriptor> free) {
    this.rcu = rcu;
    this.tableBytes = tableBytes.clone();
    this.bound = bound;
    this.free = free;
  }

  /** Takes a table that is WAITING. If RCU refuses, the table is as it was and this lets it go. */
  void add(TableDescriptor table) {
    rcu.relieve(bound);
    table.setNext(null);
    count(table, 1);
    put(table, table, table);
  }

  /**
   * Takes a list of tables that are FLUSHED and makes them WAITING. If RCU refuses, they stay here
   * until it does not. One that is in another state is left out, and reported when the others are
   * taken.
   */
  public void addAll(@Nullable TableDescriptor list) {
    TableDescriptor first = null;
    TableDescriptor last = null;
    Throwable failure = null;
    TableDescriptor table = list;
    while (table != null) {
      TableDescriptor following = table.next();
      try {
        table.becomeAlone(TableState.FLUSHED, TableState.WAITING);
        if (last == null) {
          first = table;
        } else {
          last.setNext(table);
        }
        last = table;
      } catch (RuntimeException e) {
        table.setNext(null);
        failure = Failures.join(failure, e);
      }
      table = following;
    }
    if (first != null && last != null) {
      last.setNext(null);
      count(first, 1);
      try {
        putAll(first, last);
      } catch (RuntimeException | Error e) {
        failure = Failures.join(failure, e);
      }
    }
    Failures.throwIfAny(failure);
  }

  private void putAll(TableDescriptor first, TableDescriptor last) {
    try {
      rcu.relieve(bound);
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        join(first, last);
      }
      throw e;
    }
    put(first, last, null);
  }

  private void join(TableDescriptor first, TableDescriptor last) {
    last.setNext(next);
    next = first;
  }

  /** What came since is what a grace period is asked for. This object's lock is held. */
  private void moveUp() {
    current = next;
    next = null;
    asked = current != null;
  }

  /** Takes a list and asks for a grace period unless one was asked for. */
  private void put(
      TableDescriptor first, TableDescriptor last, @Nullable TableDescriptor letGoIfRefused) {
    synchronized (this) {
      join(first, last);
      if (asked) {
        return;
      }
      moveUp();
    }
    try {
      rcu.call(this);
    } catch (RuntimeException | Error e) {
      takeOut(letGoIfRefused);
      throw e;
    }
  }

  /** Whoever was refused does not leave the head marked as asked for: the next one tries again. */
  private void takeOut(@Nullable TableDescriptor refused) {
    synchronized (this) {
      asked = false;
      TableDescriptor table = current;
      current = null;
      while (table != null) {
        TableDescriptor following = table.next();
        table.setNext(null);
        if (!table.equals(refused)) {
          join(table, table);
        }
        table = following;
      }
    }
    if (refused != null) {
      count(refused, -1);
    }
  }

  /** Counts a list of tables that wait from now on (1) or do not any more (-1). */
  private void count(TableDescriptor list, int sign) {
    countOwned(list, sign);
    long tables = 0;
    long bytes = 0;
    for (TableDescriptor table = list; table != null; table = table.next()) {
      tables++;
      bytes += tableBytes[table.level()];
    }
    rcu.addWaiting(sign * tables, sign * bytes);
  }

  /** The same with the owners: tables of one level and owner together. */
  @SuppressWarnings("ReferenceEquality") // owners are told apart by identity
  private void countOwned(TableDescriptor list, int sign) {
    TableOwner owner = list.owner();
    int level = list.level();
    int run = 0;
    for (TableDescriptor table = list; table != null; table = table.next()) {
      if (table.owner() != owner || table.level() != level) {
        countOwned(owner, level, sign * run);
        owner = table.owner();
        level = table.level();
        run = 0;
      }
      run++;
    }
    countOwned(owner, level, sign * run);
  }

  private void countOwned(@Nullable TableOwner owner, int level, int tables) {
    if (owner != null) {
      owner.account().addWaitingBytes(level, tables * tableBytes[level]);
    }
  }

  @Override
  protected long weight() {
    return 0;
  }

  @Override
  protected void reclaim() {
    TableDescriptor over;
    boolean again;
    synchronized (this) {
      over = current;
      moveUp();
      again = asked;
    }
    Throwable failure = null;
    if (again) {
      try {
        rcu.call(this);
      } catch (RuntimeException | Error e) {
        takeOut(null);
        failure = e;
      }
    }
    if (over != null) {
      failure = reclaim(over, failure);
    }
    Failures.throwIfAny(failure);
  }

  private @Nullable Throwable reclaim(TableDescriptor over, @Nullable Throwable before) {
    Throwable failure = before;
    long tables = 0;
    long bytes = 0;
    for (TableDescriptor table = over; table != null; table = table.next()) {
      tables++;
      bytes += tableBytes[table.level()];
    }
    countOwned(over, -1);
    try {
      free.accept(over);
    } catch (RuntimeException | Error e) {
      failure = Failures.join(failure, e);
    }
    // After they are free: whoever waits for memory finds it.
    rcu.addWaiting(-tables, -bytes);
    return failure;
  }
}
