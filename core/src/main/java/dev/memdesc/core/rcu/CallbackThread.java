package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.core.guard.Reports;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The thread that runs callbacks: take what is queued, wait for a grace period, run it, again. It
 * starts with the first callback and sleeps when nothing is queued.
 *
 * <p><b>It does not die.</b> Whatever is thrown between two steps is reported, and the step is done
 * again: what it works on is in fields. Should the thread end all the same, or not be had in the
 * first place, then whoever queues something next starts another one, and whoever waits in {@code
 * barrier} or {@code close} does its work if that fails too.
 */
final class CallbackThread implements Runnable {
  /** The thread's name. */
  static final String NAME = "memdesc-rcu";

  private static final System.Logger LOGGER = System.getLogger("dev.memdesc.rcu");
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LAST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ThreadedRcu rcu;
  private final CallbackQueue callbacks;
  private final Waiters waiters;
  private final long lingerNanos;
  private final ThreadFactory factory;
  // Made once: a full heap is a reason to ask for it.
  private final Reports.Report starting = this::start;
  // Written under this object's lock; null again if it could not be started or has died.
  private volatile @Nullable Thread thread;
  // True before the thread looks at the queue for the last time and sleeps; whoever pushes looks at
  // it afterwards. Both volatile, so that one of the two sees the other.
  private volatile boolean asleep;
  private volatile boolean closing;
  private volatile long chainsDone;
  // What waits for a grace period; the thread's. Handed on to the next one by its death.
  private @Nullable RcuHead waiting;

  CallbackThread(
      ThreadedRcu rcu,
      CallbackQueue callbacks,
      Waiters waiters,
      Duration linger,
      ThreadFactory factory) {
    this.rcu = rcu;
    this.callbacks = callbacks;
    this.waiters = waiters;
    this.lingerNanos = linger.toNanos();
    this.factory = factory;
  }

  /** What a step did. */
  private enum Step {
    WORKED,
    NOTHING_TO_DO,
    CLOSED
  }

  @Override
  public void run() {
    long pauseNanos = FIRST_PAUSE_NANOS;
    boolean ended = false;
    try {
      while (!ended) {
        try {
          Step step = step();
          // A callback may have left it set, and with it set this thread would not sleep.
          Thread.interrupted();
          if (step == Step.NOTHING_TO_DO) {
            sleep();
          }
          ended = step == Step.CLOSED;
          pauseNanos = FIRST_PAUSE_NANOS;
        } catch (Throwable e) {
          reportTrouble(e);
          // Not at once: the heap may be full.
          LockSupport.parkNanos(this, pauseNanos);
          pauseNanos = Math.min(2 * pauseNanos, LAST_PAUSE_NANOS);
        }
      }
    } finally {
      if (!ended) {
        letGo();
      }
    }
  }

  private static void reportTrouble(Throwable e) {
    try {
      Reports.logThrown(
          LOGGER, Level.ERROR, "callbacks could not be run; they are tried again after a pause", e);
    } catch (Throwable _) {
      // Even a constant that is used for the first time needs heap.
      Reports.lost();
    }
  }

  /** One round. After an error it goes on where it stopped. */
  private Step step() {
    if (callbacks.isRunning()) {
      runChain();
      return Step.WORKED;
    }
    if (waiting == null) {
      waiting = callbacks.take();
    }
    if (waiting != null) {
      rcu.pass(rcu.cookie());
      callbacks.begin(waiting);
      waiting = null;
      runChain();
      return Step.WORKED;
    }
    if (closing && (callbacks.isClosed() || callbacks.tryClose())) {
      waiters.signal();
      return Step.CLOSED;
    }
    return Step.NOTHING_TO_DO;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes it
  private void runChain() {
    RcuEvents.Callbacks event = RcuEvents.beginCallbacks();
    long run = 0;
    try {
      run = callbacks.run();
    } finally {
      // Also if an error came out with the last head: nobody runs this chain again, and who waits
      // for it is told now or never.
      if (!callbacks.isRunning()) {
        chainsDone++;
        waiters.signal();
      }
    }
    RcuEvents.end(event, run, callbacks.backlog());
  }

  private void sleep() {
    asleep = true;
    while (!callbacks.hasWork() && !closing) {
      LockSupport.park(this);
      // Nobody has a reason to interrupt this thread; with the flag set it would spin.
      Thread.interrupted();
    }
    asleep = false;
    if (lingerNanos > 0 && !closing && !rcu.isUrgent()) {
      LockSupport.parkNanos(this, lingerNanos);
    }
  }

  /** The chain that runs, for {@link #isDone}. */
  long chain() {
    return chainsDone;
  }

  boolean isDone(long chain) {
    return chainsDone > chain;
  }

  boolean isThisThread() {
    return Thread.currentThread().equals(thread);
  }

  /** To be called when something was queued where nothing was. */
  void wakeIfAsleep() {
    Thread sleeper = thread;
    if (sleeper == null || !sleeper.isAlive()) {
      start();
    } else if (asleep) {
      LockSupport.unpark(sleeper);
    }
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  private synchronized void start() {
    if (isGone()) {
      Thread started = factory.newThread(this);
      // Before it runs: a callback has to know that it is one.
      thread = started;
      boolean running = false;
      try {
        started.start();
        running = true;
      } finally {
        if (!running) {
          // No thread to be had: whoever calls next tries again.
          thread = null;
        }
      }
    }
  }

  /** Whether no thread is there that runs callbacks: none was to be had, or it has ended. */
  boolean isGone() {
    Thread now = thread;
    return now == null || !now.isAlive();
  }

  private synchronized void letGo() {
    if (isThisThread()) {
      thread = null;
    }
  }

  /** Whether the thread has not been started, could not be, or has died. */
  boolean isMissing() {
    return thread == null;
  }

  /**
   * Waits until callbacks that run have made a condition true. If there is no thread to run them
   * and none can be had, this thread runs them.
   */
  void await(BooleanSupplier condition) {
    while (!waiters.await(condition, LOOK_NANOS)) {
      if (isGone() && !Reports.tell(starting)) {
        runHere(condition);
      }
    }
  }

  private void runHere(BooleanSupplier condition) {
    synchronized (this) {
      if (!isGone()) {
        return;
      }
      thread = Thread.currentThread();
    }
    try {
      while (!condition.getAsBoolean() && step() == Step.WORKED) {}
    } finally {
      letGo();
    }
  }

  /** Runs everything and ends the thread. */
  void close() {
    closing = true;
    if (!callbacks.isClosed()) {
      Reports.tell(starting);
      wake();
      await(callbacks::isClosed);
    }
  }
}
