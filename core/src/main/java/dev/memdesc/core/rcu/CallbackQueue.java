package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.HeadLinks;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.core.guard.Reports;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The heads that wait. Any thread pushes; one at a time moves them on:
 *
 * <pre>
 *   push -> new (a stack) -> absorb -> gathered -> begin of a grace period -> waiting -> its end -> run
 * </pre>
 *
 * <p>Nothing is allocated and nothing counted by those who push; {@link #absorb} counts. What waits
 * under a head of no weight is counted by whoever adds it, at once.
 *
 * <p>An error may come out of any step, with a full heap for instance. So every head is in a field
 * at any time, and a step that did not end is done again: no head is lost, and none runs twice.
 */
@SuppressWarnings("ReferenceEquality") // a head is one object
class CallbackQueue {
  private static final VarHandle TOP;
  private static final VarHandle BACKLOG;
  private static final VarHandle BYTES;
  private static final RcuHead CLOSED = new Sentinel();

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TOP = lookup.findVarHandle(CallbackQueue.class, "top", RcuHead.class);
      BACKLOG = lookup.findVarHandle(CallbackQueue.class, "backlog", long.class);
      BYTES = lookup.findVarHandle(CallbackQueue.class, "bytes", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Consumer<Throwable> failed;

  @SuppressWarnings("UnusedVariable") // through TOP
  private volatile @Nullable RcuHead top;

  // Absorbed or added, and not run: changed once a chain or list, read by those who may have to
  // pay.
  @SuppressWarnings("UnusedVariable") // through BACKLOG
  private volatile long backlog;

  // What the backlog keeps from being used; as the backlog.
  @SuppressWarnings("UnusedVariable") // through BYTES
  private volatile long bytes;

  // Set once, before close waits for the stack to be empty: who goes on calling cannot keep it
  // from becoming so.
  private volatile boolean closing;

  // Taken off the stack and not counted yet.
  private @Nullable RcuHead fresh;
  private @Nullable RcuHead gathered;
  private long completed;

  // Of whoever runs callbacks, one thread at a time: the head whose reclaim has not begun, its
  // weight, and what is below it.
  private @Nullable RcuHead running;
  private long runningWeight;
  private long runningBytes;
  @Nullable RcuHead rest;

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
    return fresh != null || (newest != null && newest != CLOSED);
  }

  final boolean isClosed() {
    return TOP.getAcquire(this) == CLOSED;
  }

  /** Counts what is new and gathers it for the next grace period. */
  final synchronized void absorb() {
    if (fresh != null) {
      gather(fresh);
    }
    if (hasNew()) {
      fresh = (RcuHead) TOP.getAndSet(this, null);
      gather(fresh);
    }
  }

  private void gather(@Nullable RcuHead chain) {
    RcuHead head = chain;
    RcuHead last = null;
    long weight = 0;
    long kept = 0;
    while (head != null && head != gathered) {
      weight += weight(head);
      kept += bytes(head);
      last = head;
      head = HeadLinks.below(head);
    }
    if (last != null && gathered != null) {
      // Done again after an error, it stops where the two are joined.
      HeadLinks.link(last, gathered);
    }
    addWaiting(weight, kept);
    gathered = chain;
    fresh = null;
  }

  /** Things wait from now on. */
  final void addWaiting(long things, long kept) {
    BACKLOG.getAndAdd(this, things);
    if (kept != 0) {
      BYTES.getAndAdd(this, kept);
    }
  }

  /** Things have been reclaimed: in one step for those who ask what is queued. */
  final synchronized void settle(long things, long kept) {
    addWaiting(-things, -kept);
    completed += things;
  }

  /** Takes what is gathered: to be done before the grace period begins that it shall wait for. */
  final synchronized @Nullable RcuHead take() {
    absorb();
    RcuHead chain = gathered;
    gathered = null;
    return chain;
  }

  /** Whether {@link #run} has not ended what it was given. For whoever runs callbacks. */
  final boolean isRunning() {
    return running != null || rest != null;
  }

  /** Takes a chain whose grace period is over, for {@link #run}; nothing may be left in there. */
  final void begin(@Nullable RcuHead chain) {
    rest = chain;
  }

  /**
   * Reclaims what {@link #begin} took. What is thrown is reported; the others run. If an error
   * comes out of here all the same, the next call goes on where this one stopped.
   *
   * @return how many heads, values and others that were counted were reclaimed
   */
  final long run() {
    long before = completed();
    long weight = 0;
    long kept = 0;
    try {
      while (isRunning()) {
        reclaim(next());
        weight += runningWeight;
        kept += runningBytes;
      }
    } finally {
      settle(weight, kept);
    }
    return completed() - before;
  }

  private RcuHead next() {
    RcuHead head = running;
    if (head == null) {
      head = Objects.requireNonNull(rest);
      runningWeight = weight(head);
      runningBytes = bytes(head);
      // Read before the head is its owner's, who may link it anew.
      RcuHead below = HeadLinks.below(head);
      running = head;
      rest = below;
    }
    return head;
  }

  /** Reclaims one head, which is its owner's from then on. */
  void reclaim(RcuHead head) {
    // May be done again, as long as reclaim has not begun.
    HeadLinks.detach(head);
    tryReclaim(head);
  }

  final void tryReclaim(RcuHead head) {
    running = null;
    try {
      HeadLinks.reclaim(head);
    } catch (Throwable e) {
      tell(e);
    }
  }

  /** Allocates nothing before it is guarded: the heap may be full, which is why one gets here. */
  private void tell(Throwable e) {
    try {
      failed.accept(e);
    } catch (Throwable _) {
      Reports.lost();
    }
  }

  /** What was absorbed or added and has not run. */
  final long backlog() {
    return (long) BACKLOG.getOpaque(this);
  }

  /** The bytes that the backlog keeps from being used. */
  final long backlogBytes() {
    return (long) BYTES.getOpaque(this);
  }

  /** What has run; not more than {@link #queued} asked afterwards. */
  final synchronized long completed() {
    return completed;
  }

  /** What was absorbed or added so far. */
  final synchronized long queued() {
    return completed + backlog();
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
    return gathered == null && fresh == null && TOP.compareAndSet(this, null, CLOSED);
  }

  private static long weight(RcuHead head) {
    return head instanceof WeightedHead heavy ? weight(heavy) : 1;
  }

  /** One that cannot say its weight is one thing: asked again it will not say it either. */
  private static long weight(WeightedHead heavy) {
    try {
      return heavy.weight();
    } catch (RuntimeException e) {
      return 1;
    }
  }

  private static long bytes(RcuHead head) {
    return head instanceof WeightedHead heavy ? bytes(heavy) : 0;
  }

  private static long bytes(WeightedHead heavy) {
    try {
      return heavy.bytes();
    } catch (RuntimeException e) {
      return 0;
    }
  }

  private static final class Sentinel extends RcuHead {
    @Override
    protected void reclaim() {
      throw new AssertionError("a sentinel is never queued");
    }
  }
}
