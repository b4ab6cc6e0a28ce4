package dev.memdesc.core.space;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.TableOwner;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Which thread changes what tables an owner has. One at a time may; a second one is refused before
 * it has changed anything, so that no table is hooked, detached or freed by two.
 *
 * <p>Only operations that hook or detach tables, or leaves above level 0, come here: one atomic
 * step beside the locks that they take anyway. What stays inside a leaf table does not, and is
 * guarded by that table's lock.
 */
public final class SoleWriter {
  private static final VarHandle THREAD;

  static {
    try {
      THREAD = MethodHandles.lookup().findVarHandle(SoleWriter.class, "thread", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Null while nobody is inside. Set by compare-and-set (acquire), cleared by release.
  @SuppressWarnings("UnusedVariable") // through THREAD
  private @Nullable Thread thread;

  /** Nobody is inside. */
  public SoleWriter() {}

  /**
   * The calling thread is inside until {@link #leave}.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if a thread is inside
   */
  public void enter(TableOwner owner) {
    Thread inside =
        (Thread) THREAD.compareAndExchangeAcquire(this, (Thread) null, Thread.currentThread());
    if (inside != null) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE,
              "the tables of an owner must be changed by one thread at a time")
          .with("owner", owner.name())
          .with("thread", Thread.currentThread().getName())
          .with("inside", inside.getName())
          .hint("let threads take turns, or give each a space of its own")
          .build();
    }
  }

  /** The thread that is inside leaves. What it did is seen by the next one. */
  public void leave() {
    THREAD.setRelease(this, (Thread) null);
  }
}
