package dev.memdesc.core.memory;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * WAITING tables under one RCU head: those whose grace period runs, and those that came since it
 * began and wait for the next one. So a table waits for two grace periods at most, a descriptor
 * needs no head of its own, and a thousand frees ask for one grace period.
 */
public final class DeferredTables extends RcuHead {
  private final Rcu rcu;
  private final Consumer<TableDescriptor> free;
  // All three guarded by this; lists linked by TableDescriptor.next.
  private @Nullable TableDescriptor current;
  private @Nullable TableDescriptor next;
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
    put(table, table, table);
  }

  /**
   * Takes a list of tables that are FLUSHED and makes them WAITING. If RCU refuses, they stay here
   * until it does not.
   */
  public void addAll(@Nullable TableDescriptor first) {
    TableDescriptor last = null;
    for (TableDescriptor table = first; table != null; table = table.next()) {
      table.becomeAlone(TableState.FLUSHED, TableState.WAITING);
      last = table;
    }
    if (first != null && last != null) {
      put(first, last, null);
    }
  }

  /** Takes a list and asks for a grace period unless one was asked for. */
  private void put(
      TableDescriptor first, TableDescriptor last, @Nullable TableDescriptor letGoIfRefused) {
    synchronized (this) {
      last.setNext(next);
      next = first;
      if (asked) {
        return;
      }
      asked = true;
      current = next;
      next = null;
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
    while (table != null) {
      TableDescriptor following = table.next();
      table.setNext(null);
      if (!table.equals(refused)) {
        table.setNext(next);
        next = table;
      }
      table = following;
    }
  }

  @Override
  protected void reclaim() {
    TableDescriptor over;
    boolean again;
    synchronized (this) {
      over = current;
      current = next;
      next = null;
      again = current != null;
      asked = again;
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
