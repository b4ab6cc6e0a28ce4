package dev.memdesc.bench.torture;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SpinWait;
import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentPool;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Fragments of one layout: the pool of the owner who lives now, those of closed owners, and where
 * fragments of all of them are found, by readers or by who frees them.
 */
final class FragmentSite {
  private static final int HANDOVERS = 32;
  private static final int YOUNG = 64;

  private final Supplier<FragmentPool> owners;
  // Pools that were closed, oldest first; this object's lock.
  private final Queue<FragmentPool> closed = new ArrayDeque<>();
  private volatile FragmentPool current;

  /** Where readers find fragments. */
  final AtomicReferenceArray<@Nullable OwnedFragment> published;

  /** Never seen by a reader: whoever takes one frees it. */
  final AtomicReferenceArray<@Nullable OwnedFragment> handovers =
      new AtomicReferenceArray<>(HANDOVERS);

  /** A thread's page, and whose it is. */
  record Seat(FragmentPool pool, FragmentHandle handle) {}

  FragmentSite(Supplier<FragmentPool> owners, int slots) {
    this.owners = owners;
    this.published = new AtomicReferenceArray<>(slots);
    this.current = owners.get();
  }

  FragmentPool current() {
    return current;
  }

  /** Registers the calling thread with the owner who lives now. */
  Seat register() {
    for (int tries = 0; ; tries++) {
      FragmentPool pool = current;
      try {
        return new Seat(pool, pool.register());
      } catch (PageTableException e) {
        if (e.reason() != Reason.CLOSED) {
          throw e;
        }
        // The owner died in between; a new one is there or about to be.
        SpinWait.pause(tries);
      }
    }
  }

  /** The owner dies with fragments out and frees pending; a new one takes over. */
  synchronized void replaceOwner() {
    FragmentPool old = current;
    current = owners.get();
    old.close();
    closed.add(old);
    if (closed.size() > YOUNG) {
      // Nobody has used it for long. If it has pages all the same, the end finds out.
      FragmentPool oldest = closed.remove();
      oldest.close();
      if (oldest.counts().pages() != 0) {
        closed.add(oldest);
      }
    }
  }

  /** Ends the last owner, too. What readers may be inside waits for a grace period. */
  synchronized void close() {
    for (int slot = 0; slot < published.length(); slot++) {
      OwnedFragment last = published.getAndSet(slot, null);
      if (last != null) {
        last.pool().freeDeferred(last.pa());
      }
    }
    for (int slot = 0; slot < handovers.length(); slot++) {
      OwnedFragment last = handovers.getAndSet(slot, null);
      if (last != null) {
        last.pool().free(last.pa());
      }
    }
    current.close();
    closed.add(current);
  }

  /** After the last grace period: pages that any owner still has. */
  synchronized int pagesLeft() {
    int pages = 0;
    for (FragmentPool pool : closed) {
      // Takes the pages of threads that died after the owner.
      pool.close();
      pages += pool.counts().pages();
    }
    return pages;
  }
}
