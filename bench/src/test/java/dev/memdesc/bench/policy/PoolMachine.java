package dev.memdesc.bench.policy;

import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableAccount;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.rcu.HeadLinks;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.bench.formats.SharedPageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A pool with the least around it, all of it on the heap and without a thread, so that a model
 * checker sees every step: pages are numbers, and grace periods pass when they are told to.
 */
class PoolMachine implements PoolHost {
  static final int PAGE_BYTES = 64;
  private static final TableFormat FORMAT = SharedPageFormat.of(2, 2048);
  private static final TableOwner OWNER =
      new TableOwner() {
        private final TableAccount account = new TableAccount(FORMAT);

        @Override
        public String name() {
          return "checked";
        }

        @Override
        public TableFormat format() {
          return FORMAT;
        }

        @Override
        public TableAccount account() {
          return account;
        }
      };

  final Pool pool;
  // All guarded by this.
  private final List<RcuHead> waiting = new ArrayList<>();
  private int pagesTaken;
  private int pagesReturned;
  private @Nullable RuntimeException failure;

  PoolMachine(Function<PoolHost, Pool> pools) {
    this.pool = pools.apply(this);
  }

  /** A table in use. */
  Fragment allocate() {
    Fragment fragment = pool.allocate(0);
    fragment.assign(OWNER, 0);
    return fragment;
  }

  void free(Fragment fragment) {
    fragment.become(TableState.ALLOCATED, TableState.FREE);
    guard(() -> pool.free(fragment));
  }

  void freeDeferred(Fragment fragment) {
    fragment.beHooked(false);
    fragment.kill();
    fragment.become(TableState.DEAD, TableState.UNHOOKED);
    fragment.become(TableState.UNHOOKED, TableState.FLUSHED);
    fragment.become(TableState.FLUSHED, TableState.WAITING);
    guard(() -> pool.freeDeferred(fragment));
  }

  void exit() {
    guard(pool::close);
  }

  /** A grace period passes for what waits now. */
  void gracePeriod() {
    List<RcuHead> over;
    synchronized (this) {
      over = new ArrayList<>(waiting);
      waiting.clear();
    }
    for (RcuHead head : over) {
      guard(() -> HeadLinks.reclaim(head));
    }
  }

  /**
   * Keeps the first failure: what the kernel prints, the program being in a bad way from then on.
   */
  private void guard(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      synchronized (this) {
        failure = failure == null ? e : failure;
      }
    }
  }

  /** The grace period of what was called last ends before the others'. */
  void reclaimLast() {
    RcuHead head;
    synchronized (this) {
      head = waiting.removeLast();
    }
    guard(() -> HeadLinks.reclaim(head));
  }

  /** Throws what went wrong, if anything did. */
  synchronized void check() {
    if (failure != null) {
      throw failure;
    }
  }

  synchronized int pagesHeld() {
    return pagesTaken - pagesReturned;
  }

  synchronized int pagesTaken() {
    return pagesTaken;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  @Override
  public synchronized long takePage(int node) {
    return (long) pagesTaken++ * PAGE_BYTES;
  }

  @Override
  public int nodeOf(long pa) {
    return 0;
  }

  @Override
  public synchronized void returnPage(long pa) {
    pagesReturned++;
  }

  @Override
  public synchronized void call(RcuHead head) {
    if (waiting.contains(head)) {
      throw new IllegalStateException("a head waits once at a time");
    }
    waiting.add(head);
  }

  @Override
  public void waitedLongEnough(Fragment fragment) {
    fragment.become(TableState.WAITING, TableState.FREE);
  }
}
