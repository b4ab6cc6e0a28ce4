package dev.memdesc.core.space;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SpinWait;
import dev.memdesc.api.memory.TableOwner;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Which thread changes what tables an owner has. One at a time may; a second one waits a moment,
 * and is refused before it has changed anything if that is not enough.
 *
 * <p>Only operations that hook or detach tables, or leaves above level 0, come here: one atomic
 * step beside the locks that they take anyway. What stays inside a leaf table does not, and is
 * guarded by that table's lock.
 */
public final class SoleWriter {
  private static final VarHandle THREAD;

  private static final long MOST_NANOS = 2_000_000_000L;

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
   * The calling thread is inside until {@link #leave}. It waits for another one up to 2 s.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if a thread stays inside, or the
   *     calling one is
   */
  public void enter(TableOwner owner) {
    Thread me = Thread.currentThread();
    Thread inside = (Thread) THREAD.compareAndExchangeAcquire(this, (Thread) null, me);
    if (inside != null) {
      await(owner, me, inside);
    }
  }

  private void await(TableOwner owner, Thread me, Thread first) {
    long begin = System.nanoTime();
    Thread inside = first;
    for (int tries = 0; inside != null; tries++) {
      if (inside.equals(me)
          || (tries >= SpinWait.TRIES_AWAKE && System.nanoTime() - begin > MOST_NANOS)) {
        throw PageTableException.because(
                Reason.ILLEGAL_STATE,
                "the tables of an owner must be changed by one thread at a time")
            .with("owner", owner.name())
            .with("thread", me.getName())
            .with("inside", inside.getName())
            .hint("let threads take turns, or give each a space of its own")
            .build();
      }
      SpinWait.pause(tries);
      inside = (Thread) THREAD.compareAndExchangeAcquire(this, (Thread) null, me);
    }
  }

  /** The thread that is inside leaves. What it did is seen by the next one. */
  public void leave() {
    THREAD.setRelease(this, (Thread) null);
  }
}
