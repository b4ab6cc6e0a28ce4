package dev.memdesc.bench.policy;

/**
 * Hugh's variant for s390, proposed in June 2023 and not taken: halves that are used again after a
 * grace period, with the page's one RCU head.
 *
 * <p>Two more bits a page say for which half the head is in use. A half that is deferred while the
 * head is busy with the other only becomes pending; the callback finds it and calls again. A page
 * is on no list while any half is pending, because list and head share their words. The callback
 * puts it back, under one lock for all owners, since its owner may be gone by then: only a page
 * with a half allocated has one for certain.
 */
final class HeadBitsPool extends Pool {
  // One for all owners.
  private static final Object LOCK = new Object();

  // Guarded by LOCK.
  private final PageList list = new PageList();

  HeadBitsPool(PoolHost host, long fragmentBytes) {
    super(host, 2, fragmentBytes);
  }

  @Override
  Fragment allocate(int node) {
    synchronized (LOCK) {
      HalfPage page = (HalfPage) list.first();
      if (page != null) {
        // On the list: exactly one half is allocated and nothing is pending.
        int half = page.bits() & 1;
        page.flip(HalfPage.allocated(half));
        list.remove(page);
        return page.fragment(half);
      }
    }
    long pa = host().takePage(node);
    Page page = new Page(this, pa, host().nodeOf(pa));
    synchronized (LOCK) {
      list.addFirst(page);
    }
    return page.fragment(0);
  }

  @Override
  void free(Fragment fragment) {
    HalfPage page = (HalfPage) fragment.page();
    boolean last;
    synchronized (LOCK) {
      int bits = page.flip(HalfPage.allocated(fragment.index()));
      last = bits == 0;
      if (page.listed) {
        list.remove(page);
      } else if (bits == HalfPage.allocated(0) || bits == HalfPage.allocated(1)) {
        list.addFirst(page);
      }
    }
    if (last) {
      release(page);
    }
  }

  @Override
  void freeDeferred(Fragment fragment) {
    HalfPage page = (HalfPage) fragment.page();
    int half = fragment.index();
    boolean isHeadFree;
    synchronized (LOCK) {
      int heads = HalfPage.BOTH << HalfPage.HEAD_SHIFT;
      isHeadFree = (page.bits() & heads) == 0;
      page.flip(
          HalfPage.allocated(half)
              | HalfPage.pending(half)
              | (isHeadFree ? HalfPage.head(half) : 0));
      if (page.listed) {
        list.remove(page);
      }
    }
    if (isHeadFree) {
      host().call(page);
    }
  }

  @Override
  void close() {}

  /** A grace period is over for the half that the head was in use for. */
  private void reclaim(Page page) {
    boolean again = false;
    boolean last = false;
    synchronized (LOCK) {
      int half = (page.bits() & HalfPage.head(1)) != 0 ? 1 : 0;
      host().waitedLongEnough(page.fragment(half));
      int bits = page.flip(HalfPage.head(half) | HalfPage.pending(half));
      if ((bits & HalfPage.pending(1 - half)) != 0) {
        page.flip(HalfPage.head(1 - half));
        again = true;
      } else if (bits == 0) {
        last = true;
      } else {
        list.addFirst(page);
      }
    }
    if (again) {
      host().call(page);
    }
    if (last) {
      release(page);
    }
  }

  private static final class Page extends HalfPage {
    Page(Pool pool, long pa, int node) {
      super(pool, pa, node, allocated(0));
    }

    @Override
    public void reclaim() {
      ((HeadBitsPool) pool()).reclaim(this);
    }
  }
}
