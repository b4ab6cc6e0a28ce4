package dev.memdesc.cli.replay;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Replays what it is sent in one format, in a thread of its own. */
final class ReplayThread implements AutoCloseable {
  private final ReplayTarget target;
  private final List<String> domainNames;
  // One more for the end.
  private final BlockingQueue<ReplayBatch> sent;
  private final BlockingQueue<ReplayBatch> free;
  private final ReplayBatch end = new ReplayBatch();
  private final ReplayBatch spare = new ReplayBatch();
  private final Thread thread;
  // Volatile: written by the thread, read by whoever sends.
  private volatile @Nullable Throwable failure;
  private volatile @Nullable ReplayReport report;

  /**
   * Starts the thread.
   *
   * @param domainNames by the numbers that events have
   * @param ahead how many batches there are
   * @param free where a batch goes that everybody has read
   */
  ReplayThread(
      ReplayTarget target, List<String> domainNames, int ahead, BlockingQueue<ReplayBatch> free) {
    this.target = target;
    this.domainNames = domainNames;
    this.sent = new ArrayBlockingQueue<>(ahead + 1);
    this.free = free;
    this.thread =
        Thread.ofPlatform().daemon().name("replay " + target.format()).start(this::replayAll);
  }

  private void replayAll() {
    try (ReplaySite site = new ReplaySite(target, domainNames)) {
      ReplayBatch batch;
      while ((batch = sent.take()) != end) {
        site.replay(batch);
        if (batch.release()) {
          free.offer(batch);
        }
      }
      report = site.report();
    } catch (InterruptedException e) {
      // Closed before the end.
    } catch (Throwable e) {
      failure = e;
      // Whoever waits for a free batch shall send one and hear of it. Made before, because the heap
      // may be full now.
      free.offer(spare);
    }
  }

  /**
   * Gives it events to replay.
   *
   * @throws PageTableException or an error that the thread met before
   */
  void send(ReplayBatch batch) {
    check();
    sent.add(batch);
  }

  /** Waits until everything is replayed. Throws as {@link #send}. */
  ReplayReport finish() {
    sent.add(end);
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    check();
    ReplayReport done = report;
    if (done == null) {
      throw new IllegalStateException("a thread that was not interrupted has a report");
    }
    return done;
  }

  private void check() {
    Throwable failed = failure;
    if (failed instanceof Error error) {
      throw error;
    }
    if (failed instanceof RuntimeException exception) {
      throw exception;
    }
    if (failed != null) {
      throw new IllegalStateException("a replay thread ended", failed);
    }
  }

  static PageTableException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return PageTableException.because(Reason.INPUT, "a replay is not interrupted").build(e);
  }

  /** Ends the thread; what it has not replayed is dropped. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
