package dev.memdesc.bench.policy;

/**
 * A page for each table, however small the table is: s390 since Linux 6.7. Deferring is the page's
 * own RCU head and nothing else, which is why s390 went there.
 */
final class FullPagePool extends Pool {
  FullPagePool(PoolHost host, long tableBytes) {
    super(host, 1, tableBytes);
  }

  @Override
  Fragment allocate(int node) {
    long pa = host().takePage(node);
    return new FullPage(this, pa, host().nodeOf(pa)).fragment(0);
  }

  @Override
  void free(Fragment fragment) {
    release(fragment.page());
  }

  @Override
  void freeDeferred(Fragment fragment) {
    host().call(fragment.page());
  }

  @Override
  void close() {}

  private static final class FullPage extends SharedPage {
    FullPage(Pool pool, long pa, int node) {
      super(pool, pa, node);
    }

    @Override
    public void reclaim() {
      pool().release(this);
    }
  }
}
