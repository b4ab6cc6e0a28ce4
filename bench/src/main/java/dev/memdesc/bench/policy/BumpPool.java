package dev.memdesc.bench.policy;

import dev.memdesc.api.PageTableException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * powerpc: a cursor per owner that only moves forward.
 *
 * <p>A page's count begins at its number of fragments and falls with each one that is freed; the
 * page goes when it is 0. A freed fragment is never handed out again, so one table that stays keeps
 * its whole page.
 *
 * <p><b>The lost race.</b> A new page is taken without the lock. Who finds, under the lock again,
 * that another thread has installed a cursor meanwhile uses its page for this one fragment: the
 * count stays 1 and all other fragments are wasted until it goes.
 *
 * <p><b>Deferring</b> (Linux 6.6) marks the page active and frees the fragment as ever. When the
 * last one goes from an active page, only then a grace period begins.
 *
 * <p><b>Exit.</b> What the cursor has not handed out is taken off the count in one step. If that
 * makes it 0 the page goes at once: the owner is gone and nobody walks. Before March 2026 the mark
 * stayed on such a page, which the page allocator reports as a bad page: {@link
 * Exit#KEEPS_ACTIVE_MARK}.
 */
final class BumpPool extends Pool {
  /** What exit does with the mark of a page that it gives back. */
  enum Exit {
    /** As it is now. */
    CLEARS_ACTIVE_MARK,
    /** The bug: "Bad page state", with the flag "active". */
    KEEPS_ACTIVE_MARK
  }

  private final Exit exit;
  // The owner's page_table_lock.
  private final Object lock = new Object();
  // Both guarded by lock: the page that the cursor is in, and how many were handed out from it.
  private @Nullable BumpPage cursor;
  private int handedOut;

  BumpPool(PoolHost host, int fragments, long fragmentBytes, Exit exit) {
    super(host, fragments, fragmentBytes);
    this.exit = exit;
  }

  @Override
  Fragment allocate(int node) {
    synchronized (lock) {
      BumpPage page = cursor;
      if (page != null) {
        int index = handedOut++;
        if (handedOut == fragments()) {
          cursor = null;
        }
        return page.fragment(index);
      }
    }
    long pa = host().takePage(node);
    BumpPage page = new BumpPage(this, pa, host().nodeOf(pa));
    synchronized (lock) {
      if (cursor == null) {
        page.count.set(fragments());
        cursor = page;
        handedOut = 1;
      }
    }
    return page.fragment(0);
  }

  @Override
  void free(Fragment fragment) {
    BumpPage page = (BumpPage) fragment.page();
    if (page.count.decrementAndGet() > 0) {
      return;
    }
    if (page.active) {
      page.active = false;
      host().call(page);
    } else {
      release(page);
    }
  }

  @Override
  void freeDeferred(Fragment fragment) {
    ((BumpPage) fragment.page()).active = true;
    free(fragment);
  }

  @Override
  void close() {
    BumpPage page;
    int unused;
    synchronized (lock) {
      page = cursor;
      unused = fragments() - handedOut;
      cursor = null;
    }
    if (page == null || page.count.addAndGet(-unused) > 0) {
      return;
    }
    if (exit == Exit.CLEARS_ACTIVE_MARK) {
      page.active = false;
    }
    page.checkNotActive();
    release(page);
  }

  private static final class BumpPage extends SharedPage {
    final AtomicInteger count = new AtomicInteger(1);
    // Set by each that defers, cleared by the last one.
    volatile boolean active;

    BumpPage(Pool pool, long pa, int node) {
      super(pool, pa, node);
    }

    /** The page allocator's check of the flags of a page that is freed. */
    void checkNotActive() throws PageTableException {
      if (active) {
        throw bad("a page is given back with no flag set").with("flags", "active").build();
      }
    }

    @Override
    public void reclaim() {
      pool().release(this);
    }
  }
}
