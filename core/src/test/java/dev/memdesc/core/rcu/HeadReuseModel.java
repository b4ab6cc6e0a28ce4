package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.RcuHead;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * One head that is used again and again: whoever finds it idle queues it, also while its reclaim
 * still runs in another thread. No call may be refused and no reclaim lost.
 */
public abstract class HeadReuseModel {
  private final DeterministicRcu rcu;
  private final Recycled head = new Recycled();
  private final AtomicInteger calls = new AtomicInteger();

  HeadReuseModel(Function<BaseRcu, CallbackQueue> callbacks) {
    this.rcu = new DeterministicRcu(new GracePeriods(), FencedReader::new, callbacks);
  }

  /** Queues the head if it is idle. */
  @Operation
  public void reuse() {
    if (head.idle.compareAndSet(true, false)) {
      rcu.call(head);
      calls.incrementAndGet();
    }
  }

  /** A grace period passes; what is ready is reclaimed. */
  @Operation
  public void step() {
    rcu.advance();
    rcu.runCallbacks();
  }

  /** Every call was followed by one reclaim. */
  @Validate
  public void complete() {
    rcu.close();
    if (head.reclaims.get() != calls.get()) {
      throw new IllegalStateException("a reclaim was lost: " + calls + ", " + head.reclaims);
    }
  }

  private static final class Recycled extends RcuHead {
    private final AtomicBoolean idle = new AtomicBoolean(true);
    private final AtomicInteger reclaims = new AtomicInteger();

    @Override
    protected void reclaim() {
      reclaims.incrementAndGet();
      idle.set(true);
    }
  }
}
