package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.rcu.WeightedHead;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * WAITING tables under one RCU head: those whose grace period runs, and those that came since it
 * began and wait for the next one. So a table waits for two grace periods at most, a descriptor
 * needs no head of its own, and a thousand frees ask for one grace period.
 *
 * <p>Leans on {@link Rcu#call}: if it throws, the head is not queued.
 */
public final class DeferredTables extends WeightedHead {
  private final Rcu rcu;
  private final Consumer<TableDescriptor> free;
  // All guarded by this; lists linked by TableDescriptor.next. What is current, and how many, does
  // not change while the head is queued.
  private @Nullable TableDescriptor current;
  private long currentCount;
  private @Nullable TableDescriptor next;
  private long nextCount;
  private boolean asked;

  /**
   * Nothing waits.
   *
   * @param free takes back a list of WAITING tables
   */
  public DeferredTables(Rcu rcu, Consumer<TableDescriptor> free) {
    this.rcu = rcu;
    this.free = free;
  }

  /** Takes a table that is WAITING. If RCU refuses, the table is as it was and this lets it go. */
  void add(TableDescriptor table) {
    rcu.relieve(joining());
    put(table, table, 1, table);
  }

  /**
   * Takes a list of tables that are FLUSHED and makes them WAITING. If RCU refuses, they stay here
   * until it does not. One that is in another state is left out, and reported when the others are
   * taken.
   */
  public void addAll(@Nullable TableDescriptor list) {
    TableDescriptor first = null;
    TableDescriptor last = null;
    long count = 0;
    PageTableException failure = null;
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
        count++;
      } catch (PageTableException e) {
        table.setNext(null);
        failure = failure == null ? e : failure;
      }
      table = following;
    }
    if (first != null && last != null) {
      last.setNext(null);
      putAll(first, last, count);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void putAll(TableDescriptor first, TableDescriptor last, long count) {
    try {
      rcu.relieve(joining());
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        join(first, last, count);
      }
      throw e;
    }
    put(first, last, count, null);
  }

  /** How many tables wait that no grace period was asked for. */
  private synchronized long joining() {
    return nextCount;
  }

  private void join(TableDescriptor first, TableDescriptor last, long count) {
    last.setNext(next);
    next = first;
    nextCount += count;
  }

  /** What came since is what a grace period is asked for. This object's lock is held. */
  private void moveUp() {
    current = next;
    currentCount = nextCount;
    next = null;
    nextCount = 0;
    asked = current != null;
  }

  /** Takes a list and asks for a grace period unless one was asked for. */
  private void put(
      TableDescriptor first,
      TableDescriptor last,
      long count,
      @Nullable TableDescriptor letGoIfRefused) {
    synchronized (this) {
      join(first, last, count);
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
  private synchronized void takeOut(@Nullable TableDescriptor refused) {
    asked = false;
    TableDescriptor table = current;
    current = null;
    currentCount = 0;
    while (table != null) {
      TableDescriptor following = table.next();
      table.setNext(null);
      if (!table.equals(refused)) {
        join(table, table, 1);
      }
      table = following;
    }
  }

  @Override
  protected synchronized long weight() {
    return currentCount;
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
    try {
      if (again) {
        rcu.call(this);
      }
    } catch (RuntimeException | Error e) {
      takeOut(null);
      throw e;
    } finally {
      if (over != null) {
        free.accept(over);
      }
    }
  }
}
