package dev.memdesc.bench.policy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.rcu.RcuHead;
import org.jspecify.annotations.Nullable;

/**
 * A page that fragments share, with what all policies know of it: where it is, its fragments, its
 * links in one list, and the one RCU head that a page has. Each policy adds its own bits.
 */
abstract class SharedPage extends RcuHead {
  private final Pool pool;
  private final long pa;
  private final int node;
  // An element is made when the fragment is first handed out. The policy sees to it that one thread
  // does.
  private final @Nullable Fragment[] fragments;

  // Guarded by the lock of the list.
  @Nullable SharedPage previous;
  @Nullable SharedPage next;
  boolean listed;

  SharedPage(Pool pool, long pa, int node) {
    this.pool = pool;
    this.pa = pa;
    this.node = node;
    this.fragments = new Fragment[pool.fragments()];
  }

  final Pool pool() {
    return pool;
  }

  final long pa() {
    return pa;
  }

  final int node() {
    return node;
  }

  /** A fragment of it. */
  final Fragment fragment(int index) {
    Fragment fragment = fragments[index];
    if (fragment == null) {
      fragment = new Fragment(this, index, pool.fragmentBytes());
      fragments[index] = fragment;
    }
    return fragment;
  }

  /** Tells the host that the grace period of those fragments is over that wait for one. */
  final void endWaiting(int mask) {
    for (int index = 0; index < fragments.length; index++) {
      Fragment fragment = fragments[index];
      if ((mask >>> index & 1) != 0 && fragment != null && fragment.state() == TableState.WAITING) {
        pool.host().waitedLongEnough(fragment);
      }
    }
  }

  /** The same for all fragments. */
  final void endAllWaiting() {
    for (Fragment fragment : fragments) {
      if (fragment != null && fragment.state() == TableState.WAITING) {
        pool.host().waitedLongEnough(fragment);
      }
    }
  }

  /**
   * Checks what the kernel checks of a page that is freed, and more.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE}
   */
  final void checkReleasable() {
    if (listed) {
      throw bad("a page is on no list when it is given back").build();
    }
    for (Fragment fragment : fragments) {
      if (fragment != null && fragment.state() != TableState.FREE) {
        throw bad("a page is given back when every table in it is free")
            .with("table", fragment)
            .build();
      }
    }
  }

  /** The beginning of a message about this page. */
  final PageTableException.Builder bad(String rule) {
    return PageTableException.because(Reason.ILLEGAL_STATE, rule).hex("page", pa);
  }
}
