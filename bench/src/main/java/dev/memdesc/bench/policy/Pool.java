package dev.memdesc.bench.policy;

/**
 * The fragments of one owner and level: what a policy decides. A pool knows where tables lie and
 * nothing of what is in them.
 */
abstract class Pool {
  private final PoolHost host;
  private final int fragments;
  private final long fragmentBytes;

  /**
   * An empty pool.
   *
   * @param fragments how many share a page
   * @param fragmentBytes from one to the next
   */
  Pool(PoolHost host, int fragments, long fragmentBytes) {
    this.host = host;
    this.fragments = fragments;
    this.fragmentBytes = fragmentBytes;
  }

  final PoolHost host() {
    return host;
  }

  final int fragments() {
    return fragments;
  }

  final long fragmentBytes() {
    return fragmentBytes;
  }

  /** Hands out a fragment. */
  abstract Fragment allocate(int node);

  /** Takes back a fragment that nobody can see any more. */
  abstract void free(Fragment fragment);

  /** Takes back a fragment that a walker may be inside. */
  abstract void freeDeferred(Fragment fragment);

  /** The owner exits. Fragments may still be freed. */
  abstract void close();

  /** Gives a page back that nothing uses. */
  final void release(SharedPage page) {
    page.endAllWaiting();
    page.checkReleasable();
    host.returnPage(page.pa());
  }
}
