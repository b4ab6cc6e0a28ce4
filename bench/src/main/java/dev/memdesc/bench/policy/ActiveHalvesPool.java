package dev.memdesc.bench.policy;

/**
 * s390 in Linux 6.6: halves that are not used again once one of them was deferred.
 *
 * <p>Deferring marks the page active and frees the half as ever. A page that is active is never put
 * on the list, and taken off it if it is there; when its last half goes, the page's own RCU head
 * gives it back. So the grace period begins when both halves are free, and a half that was freed
 * beside a living one stays unused as long as that lives. The source calls it a choice for
 * simplicity: the list uses the words of the head, and the owner may be gone when it runs.
 */
final class ActiveHalvesPool extends Pool {
  // The owner's context.lock.
  private final Object lock = new Object();
  // Guarded by lock.
  private final PageList list = new PageList();

  ActiveHalvesPool(PoolHost host, long fragmentBytes) {
    super(host, 2, fragmentBytes);
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
    Page page = (Page) fragment.page();
    int half = fragment.index();
    synchronized (lock) {
      int bits = page.flip(HalfPage.allocated(half) | HalfPage.pending(half));
      if ((bits & HalfPage.BOTH) != 0 && !page.active) {
        list.addFirst(page);
      } else if (page.listed) {
        list.remove(page);
      }
    }
    if (page.flip(HalfPage.pending(half)) != 0) {
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
    ((Page) fragment.page()).active = true;
    free(fragment);
  }

  @Override
  void close() {}

  private static final class Page extends HalfPage {
    // Set by each that defers, cleared by the last one.
    volatile boolean active;

    Page(Pool pool, long pa, int node) {
      super(pool, pa, node, allocated(0));
    }

    @Override
    public void reclaim() {
      pool().release(this);
    }
  }
}
