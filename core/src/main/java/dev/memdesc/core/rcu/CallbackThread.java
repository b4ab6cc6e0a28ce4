package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.RcuHead;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that runs callbacks: take what is queued, wait for a grace period, run it, again. It
 * starts with the first callback and sleeps when nothing is queued.
 */
final class CallbackThread implements Runnable {
  private final ThreadedRcu rcu;
  private final CallbackQueue callbacks;
  private final Waiters waiters;
  private final long lingerNanos;
  // Written under this object's lock; null again if it could not be started.
  private volatile @Nullable Thread thread;
  // True before the thread looks at the queue for the last time and sleeps; whoever pushes looks at
  // it afterwards. Both volatile, so that one of the two sees the other.
  private volatile boolean asleep;
  private volatile boolean closing;
  private volatile long chainsDone;

  CallbackThread(ThreadedRcu rcu, CallbackQueue callbacks, Waiters waiters, Duration linger) {
    this.rcu = rcu;
    this.callbacks = callbacks;
    this.waiters = waiters;
    this.lingerNanos = linger.toNanos();
  }

  @Override
  public void run() {
    while (true) {
      RcuHead chain = callbacks.take();
      if (chain != null) {
        rcu.pass(rcu.cookie());
        runChain(chain);
      } else if (closing && callbacks.tryClose()) {
        waiters.signal();
        return;
      } else {
        sleep();
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes it
  private void runChain(RcuHead chain) {
    RcuEvents.Callbacks event = new RcuEvents.Callbacks();
    event.begin();
    long run = callbacks.run(chain);
    chainsDone++;
    waiters.signal();
    if (event.shouldCommit()) {
      event.run = run;
      event.backlog = callbacks.backlog();
      event.commit();
    }
  }

  private void sleep() {
    asleep = true;
    while (!callbacks.hasWork() && !closing) {
      LockSupport.park(this);
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
    if (sleeper == null) {
      start();
    } else if (asleep) {
      LockSupport.unpark(sleeper);
    }
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  private synchronized void start() {
    if (thread == null) {
      Thread started = Thread.ofPlatform().daemon().name("memdesc-rcu").unstarted(this);
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

  /** Whether the thread has not been started, or could not be. */
  boolean isMissing() {
    return thread == null;
  }

  /** Runs everything and ends the thread. */
  void close() {
    closing = true;
    start();
    wake();
    waiters.await(callbacks::isClosed, Long.MAX_VALUE);
  }
}
