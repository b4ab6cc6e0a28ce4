package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.core.guard.Debug;
import dev.memdesc.core.guard.Reports;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A batch is a user of heads like any other: its heads are arrays, which come back when they ran.
 */
final class DeferBatch implements RcuBatch {
  /** 8 KiB an array: enough to make the atomic operations per array disappear. */
  static final int VALUES = 1024;

  private static final VarHandle EMPTY;

  static {
    try {
      EMPTY = MethodHandles.lookup().findVarHandle(DeferBatch.class, "empty", ValueArray.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final LongConsumer reclaim;
  private final BaseRcu rcu;
  private final Thread owner = Thread.currentThread();
  private @Nullable ValueArray filling;
  // What this thread took off the shared stack.
  private @Nullable ValueArray spare;

  // Arrays that ran: pushed by whoever runs callbacks, taken as a whole by the batch's thread.
  @SuppressWarnings("UnusedVariable") // through EMPTY
  private volatile @Nullable ValueArray empty;

  private boolean closed;

  DeferBatch(BaseRcu rcu, LongConsumer reclaim) {
    this.rcu = rcu;
    this.reclaim = reclaim;
  }

  @Override
  public void defer(long value) {
    if (Debug.ON) {
      requireOwner();
    }
    ValueArray array = filling;
    if (array == null) {
      array = begin();
    }
    if (array.add(value)) {
      try {
        flush();
      } catch (RuntimeException | Error e) {
        // Not queued: the array would be full for good.
        array.removeLast();
        throw e;
      }
    }
  }

  /** Once an array, so that the checks cost nothing. */
  private ValueArray begin() {
    requireOwner();
    if (closed) {
      throw PageTableException.because(Reason.CLOSED, "a batch is used before it is closed")
          .build();
    }
    if (rcu.callbacks.isClosed()) {
      throw GracePeriods.closedRcu();
    }
    ValueArray array = spare;
    if (array == null) {
      array = (ValueArray) EMPTY.getAndSet(this, null);
    }
    if (array == null) {
      array = new ValueArray(this, VALUES);
    } else {
      spare = array.nextEmpty;
      array.nextEmpty = null;
    }
    filling = array;
    return array;
  }

  @Override
  public void flush() {
    if (owner.isAlive()) {
      requireOwner();
    }
    ValueArray array = filling;
    if (array != null && array.weight() > 0) {
      rcu.enqueue(array);
      filling = null;
      rcu.payAfterwards();
    }
  }

  private void requireOwner() {
    Thread here = Thread.currentThread();
    if (!owner.equals(here)) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "a batch must be used by the thread that made it")
          .with("batch", owner.getName())
          .with("thread", here.getName())
          .hint("each thread makes a batch of its own")
          .build();
    }
  }

  @Override
  public int size() {
    ValueArray array = filling;
    return array == null ? 0 : (int) array.weight();
  }

  @Override
  public void close() {
    flush();
    filling = null;
    closed = true;
  }

  /** Takes an array back that ran. */
  void giveBack(ValueArray array) {
    ValueArray old;
    do {
      old = (ValueArray) EMPTY.getOpaque(this);
      array.nextEmpty = old;
    } while (!EMPTY.weakCompareAndSetRelease(this, old, array));
  }

  /** Never throws: the other values of the array are reclaimed all the same. */
  void failed(Throwable e) {
    try {
      rcu.failed(e);
    } catch (Throwable _) {
      Reports.lost();
    }
  }
}
