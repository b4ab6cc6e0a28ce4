package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.HeadLinks;
import dev.memdesc.api.rcu.RcuHead;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The heads that wait. Any thread pushes; one at a time moves them on:
 *
 * <pre>
 *   push -> new (a stack) -> absorb -> gathered -> begin of a grace period -> waiting -> its end -> run
 * </pre>
 *
 * <p>Nothing is allocated and nothing counted by those who push; {@link #absorb} counts.
 */
@SuppressWarnings("ReferenceEquality") // a head is one object
class CallbackQueue {
  private static final VarHandle TOP;
  private static final VarHandle BACKLOG;
  private static final RcuHead CLOSED = new Sentinel();

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TOP = lookup.findVarHandle(CallbackQueue.class, "top", RcuHead.class);
      BACKLOG = lookup.findVarHandle(CallbackQueue.class, "backlog", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Consumer<Throwable> failed;

  @SuppressWarnings("UnusedVariable") // through TOP
  private volatile @Nullable RcuHead top;

  // Absorbed and not run: changed once a chain, read by those who may have to pay.
  @SuppressWarnings("UnusedVariable") // through BACKLOG
  private volatile long backlog;

  // Set once, before close waits for the stack to be empty: who goes on calling cannot keep it
  // from becoming so.
  private volatile boolean closing;

  private @Nullable RcuHead gathered;
  private long queued;

  CallbackQueue(Consumer<Throwable> failed) {
    this.failed = failed;
  }

  /** What a push found. */
  enum Push {
    FIRST,
    MORE,
    REFUSED_CLOSED
  }

  /** Puts a claimed head on the stack; the compare-and-set pairs with the exchange of absorb. */
  final Push push(RcuHead head) {
    while (true) {
      RcuHead old = (RcuHead) TOP.getOpaque(this);
      if (old == CLOSED) {
        return Push.REFUSED_CLOSED;
      }
      HeadLinks.link(head, old);
      if (TOP.weakCompareAndSet(this, old, head)) {
        return old == null ? Push.FIRST : Push.MORE;
      }
    }
  }

  /** Whether there is anything to take. Under the lock, for another thread may be absorbing it. */
  final synchronized boolean hasWork() {
    return gathered != null || hasNew();
  }

  private boolean hasNew() {
    RcuHead newest = (RcuHead) TOP.getVolatile(this);
    return newest != null && newest != CLOSED;
  }

  final boolean isClosed() {
    return TOP.getAcquire(this) == CLOSED;
  }

  /** Counts what is new and gathers it for the next grace period. */
  final synchronized void absorb() {
    if (!hasNew()) {
      return;
    }
    RcuHead chain = (RcuHead) TOP.getAndSet(this, null);
    RcuHead head = chain;
    long weight = 0;
    while (head != null) {
      weight += weight(head);
      RcuHead below = HeadLinks.below(head);
      if (below == null && gathered != null) {
        HeadLinks.link(head, gathered);
      }
      head = below;
    }
    gathered = chain;
    queued += weight;
    BACKLOG.getAndAdd(this, weight);
  }

  /** Takes what is gathered: to be done before the grace period begins that it shall wait for. */
  final synchronized @Nullable RcuHead take() {
    absorb();
    RcuHead chain = gathered;
    gathered = null;
    return chain;
  }

  /** Reclaims a chain whose grace period is over. What is thrown is reported; the others run. */
  final long run(@Nullable RcuHead chain) {
    RcuHead head = chain;
    long weight = 0;
    while (head != null) {
      weight += weight(head);
      head = reclaim(head);
    }
    BACKLOG.getAndAdd(this, -weight);
    return weight;
  }

  /**
   * Reclaims one head.
   *
   * @return what is below it; read before, because the head is its owner's from then on
   */
  @Nullable RcuHead reclaim(RcuHead head) {
    RcuHead below = HeadLinks.detach(head);
    tryReclaim(head);
    return below;
  }

  final void tryReclaim(RcuHead head) {
    try {
      HeadLinks.reclaim(head);
    } catch (Throwable e) {
      failed.accept(e);
    }
  }

  /** What was absorbed and has not run. */
  final long backlog() {
    return (long) BACKLOG.getOpaque(this);
  }

  /** What was absorbed and has run; not more than {@link #queued} asked afterwards. */
  final synchronized long completed() {
    return queued - backlog();
  }

  /** What was absorbed so far. */
  final synchronized long queued() {
    return queued;
  }

  /** From now on only callbacks may queue heads; {@link #tryClose} ends that too. */
  final void beginClose() {
    closing = true;
  }

  final boolean isClosing() {
    return closing;
  }

  /** Refuses from now on, if there is nothing to take. */
  final synchronized boolean tryClose() {
    return gathered == null && TOP.compareAndSet(this, null, CLOSED);
  }

  private static long weight(RcuHead head) {
    return head instanceof WeightedHead heavy ? heavy.weight() : 1;
  }

  private static final class Sentinel extends RcuHead {
    @Override
    protected void reclaim() {
      throw new AssertionError("a sentinel is never queued");
    }
  }
}
