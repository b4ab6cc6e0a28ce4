package dev.memdesc.core.fragment;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.core.guard.Debug;
import org.jspecify.annotations.Nullable;

/**
 * A thread with a page of its own. Allocating from it, and giving back to it, is a few plain reads
 * and writes; everything else is the pool's.
 */
class PageHandle extends FragmentHandle {
  private final MaskedFragmentPool pool;
  // Null for the handle that threads without one take turns with, under its lock.
  private final @Nullable Thread thread;
  // Both the thread's; whoever finds the thread ended may read them.
  private @Nullable Page page;
  private boolean closed;

  PageHandle(MaskedFragmentPool pool, @Nullable Thread thread) {
    this.pool = pool;
    this.thread = thread;
  }

  @Override
  public final long allocate() {
    if (Debug.ON) {
      requireOwner();
    }
    try {
      return tryAllocate();
    } catch (PageTableException e) {
      return pool.memoryWait().again(e, this::tryAllocate);
    }
  }

  /** The same, but it never waits: for who holds locks. */
  final long tryAllocate() {
    Page mine = page;
    if (mine != null && !pool.isClosed()) {
      int index = mine.takeOwn();
      if (index >= 0) {
        return pool.issue(mine, index);
      }
    }
    return allocateSlowly();
  }

  private long allocateSlowly() {
    requireOwner();
    if (closed) {
      throw PageTableException.because(Reason.CLOSED, "a handle is used before it is closed")
          .with("state", "closed")
          .with("needed", "open")
          .build();
    }
    if (pool.isClosed()) {
      letGo();
      pool.checkOpen();
    }
    while (true) {
      Page mine = page;
      if (mine == null) {
        mine = pool.hold();
        page = mine;
      } else if (pool.collect(mine) == 0 && pool.letGoUsed(mine)) {
        page = null;
        continue;
      }
      int index = mine.takeOwn();
      if (index >= 0) {
        return pool.issue(mine, index);
      }
    }
  }

  @Override
  public final void free(long pa) {
    giveBack(pa, true);
  }

  @Override
  public final void freeEmpty(long pa) {
    giveBack(pa, false);
  }

  private void giveBack(long pa, boolean dirty) {
    if (Debug.ON) {
      requireOwner();
    }
    Page mine = page;
    if (mine == null || !pool.isInside(mine, pa)) {
      Page other = pool.pageOf(pa);
      pool.giveBack(other, pool.indexOf(other, pa), pa, dirty);
      return;
    }
    int index = pool.indexOf(mine, pa);
    mine.checkOut(index, pa);
    if (dirty) {
      pool.markDirty(mine, index);
    }
    mine.putOwn(Page.wordOf(index), Page.bitOf(index));
  }

  @Override
  public final void freeDeferred(long pa) {
    pool.freeDeferred(pa);
  }

  @Override
  public final void freeEmptyDeferred(long pa) {
    pool.freeEmptyDeferred(pa);
  }

  private void requireOwner() {
    Thread here = Thread.currentThread();
    if (thread != null && !thread.equals(here)) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "a handle must be used by the thread that registered it")
          .with("handle", thread.getName())
          .with("thread", here.getName())
          .hint("each thread registers a handle of its own")
          .build();
    }
  }

  /** Whether the thread ended: what it did is visible then, and it does nothing more. */
  boolean isAbandoned() {
    return thread != null && !thread.isAlive();
  }

  /** Whether it has a page; a guess while the thread runs. */
  final boolean holds() {
    return page != null;
  }

  /**
   * Gives the page back: by the thread, or by whoever found it abandoned.
   *
   * @return whether the page had no fragment in use and is the page allocator's again
   */
  final boolean letGo() {
    Page mine = page;
    page = null;
    return mine != null && pool.letGo(mine);
  }

  @Override
  public final void close() {
    if (!closed) {
      if (!isAbandoned()) {
        requireOwner();
      }
      closed = true;
      pool.unregister(this);
      letGo();
    }
  }
}
