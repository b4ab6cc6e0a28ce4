package dev.memdesc.bench.policy;

import dev.memdesc.api.rcu.RcuHead;
import org.jspecify.annotations.Nullable;

/**
 * s390 up to Linux 6.5: two tables a page.
 *
 * <p>The owner's list holds the pages with one half allocated, those whose other half is pending
 * too. Who allocates looks at the first page of the list only: if its other half is pending, a new
 * page is taken, whatever else is on the list.
 *
 * <p>A half is freed in two steps: A becomes P under the lock, in one atomic step; then, after the
 * list is right and the lock is free, P is cleared, and whoever sees the byte become 0 gives the
 * page back. Without P, {@link Release#ONE_STEP}, a callback for the other half may see 0 and give
 * the page back while it is still on the list and about to be taken off it: the race that was fixed
 * in early 2022.
 *
 * <p>A deferred half has a head of its own here: in the kernel it is one of up to 509 tables in a
 * gather's batch, which has the head. The page's own is not available, for the list uses it.
 */
final class HalvesPool extends Pool {
  /** How a half is freed that nobody can see. */
  enum Release {
    /** By way of P. */
    TWO_STEPS,
    /** The bug. */
    ONE_STEP
  }

  private final Release release;
  // The owner's context.lock.
  private final Object lock = new Object();
  // Guarded by lock.
  private final PageList list = new PageList();

  HalvesPool(PoolHost host, long fragmentBytes, Release release) {
    super(host, 2, fragmentBytes);
    this.release = release;
  }

  @Override
  Fragment allocate(int node) {
    synchronized (lock) {
      HalfPage page = (HalfPage) list.first();
      if (page != null) {
        int taken = (page.bits() | page.bits() >>> HalfPage.PENDING_SHIFT) & HalfPage.BOTH;
        if (taken != HalfPage.BOTH) {
          int half = taken & 1;
          page.flip(HalfPage.allocated(half));
          list.remove(page);
          return page.fragment(half);
        }
      }
    }
    long pa = host().takePage(node);
    Page page = new Page(this, pa, host().nodeOf(pa));
    synchronized (lock) {
      list.addFirst(page);
    }
    return page.fragment(0);
  }

  @Override
  void free(Fragment fragment) {
    HalfPage page = (HalfPage) fragment.page();
    int half = fragment.index();
    int pending = release == Release.TWO_STEPS ? HalfPage.pending(half) : 0;
    int bits;
    synchronized (lock) {
      bits = page.flip(HalfPage.allocated(half) | pending);
      if ((bits & HalfPage.BOTH) != 0) {
        list.addFirst(page);
      } else {
        list.remove(page);
      }
    }
    if (pending != 0) {
      bits = page.flip(pending);
    }
    if (bits == 0) {
      release(page);
    }
  }

  @Override
  void freeDeferred(Fragment fragment) {
    HalfPage page = (HalfPage) fragment.page();
    int half = fragment.index();
    synchronized (lock) {
      int bits = page.flip(HalfPage.allocated(half) | HalfPage.pending(half));
      if ((bits & HalfPage.BOTH) != 0) {
        list.addLast(page);
      } else {
        list.remove(page);
      }
    }
    host().call(Batch.of(fragment));
  }

  @Override
  void close() {}

  private static final class Page extends HalfPage {
    Page(Pool pool, long pa, int node) {
      super(pool, pa, node, allocated(0));
    }

    @Override
    public void reclaim() {
      throw bad("a page on a list has no RCU head").build();
    }
  }

  /** A gather's batch of one table. */
  private static final class Batch extends RcuHead {
    private final Fragment fragment;

    private Batch(Fragment fragment) {
      this.fragment = fragment;
    }

    static Batch of(Fragment fragment) {
      @Nullable Object head = fragment.head;
      Batch batch = head == null ? new Batch(fragment) : (Batch) head;
      fragment.head = batch;
      return batch;
    }

    @Override
    public void reclaim() {
      HalfPage page = (HalfPage) fragment.page();
      page.pool().host().waitedLongEnough(fragment);
      if (page.flip(HalfPage.pending(fragment.index())) == 0) {
        page.pool().release(page);
      }
    }
  }
}
