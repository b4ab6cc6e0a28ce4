package dev.memdesc.cli.replay;

import dev.memdesc.cli.trace.TraceLine;
import dev.memdesc.cli.trace.TraceReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongConsumer;

/**
 * Reads a trace in the calling thread and replays it in one thread for each format. What is read
 * ahead is bounded.
 */
final class ReplayRun {
  /** Batches that are read ahead. */
  private static final int AHEAD = 16;

  private final TraceReader trace;
  private final List<ReplayTarget> targets;
  private final DomainChooser chooser;
  private final boolean split;
  private final Findings refused = new Findings();
  private final BlockingQueue<ReplayBatch> free = new ArrayBlockingQueue<>(AHEAD);
  private final List<ReplayThread> threads = new ArrayList<>();
  private long maps;
  private long unmaps;
  private long attaches;
  private long faults;
  private long firstNanos;
  private long lastNanos;

  /** What came out of it: one report for each target, in their order. */
  record Result(TraceSummary trace, List<ReplayReport> reports) {}

  /**
   * A run that has not begun.
   *
   * @param split whether events of devices decide which domain an event belongs to
   */
  ReplayRun(TraceReader trace, List<ReplayTarget> targets, boolean split) {
    this.trace = trace;
    this.targets = targets;
    this.split = split;
    this.chooser = new DomainChooser(split);
  }

  /**
   * Replays the whole trace.
   *
   * @param progress is told now and then how many events were read
   * @throws dev.memdesc.api.PageTableException if the trace cannot be read or a target's memory is
   *     used up
   */
  Result run(LongConsumer progress) {
    long began = System.nanoTime();
    for (int i = 0; i < AHEAD; i++) {
      free.add(new ReplayBatch());
    }
    try {
      for (ReplayTarget target : targets) {
        threads.add(new ReplayThread(target, chooser.names(), AHEAD, free));
      }
      read(progress);
      List<ReplayReport> reports = new ArrayList<>();
      for (ReplayThread thread : threads) {
        reports.add(thread.finish());
      }
      return new Result(summary((System.nanoTime() - began) / 1e9), reports);
    } finally {
      threads.forEach(ReplayThread::close);
    }
  }

  private void read(LongConsumer progress) {
    ReplayBatch batch = take();
    while (trace.next()) {
      TraceLine line = trace.line();
      switch (line.kind()) {
        case MAP -> {
          maps++;
          time(line.nanos());
          batch.addMap(
              chooser.of(line), trace.number(), line.nanos(), line.iova(), line.pa(), line.size());
        }
        case UNMAP -> {
          unmaps++;
          time(line.nanos());
          batch.addUnmap(
              chooser.of(line),
              trace.number(),
              line.nanos(),
              line.iova(),
              line.size(),
              line.unmapped());
        }
        case FAULT -> faults++;
        default -> device(line);
      }
      if (batch.isFull()) {
        progress.accept(batch.count());
        send(batch);
        batch = take();
      }
    }
    send(batch);
  }

  private void time(long nanos) {
    firstNanos = maps + unmaps == 1 ? nanos : firstNanos;
    lastNanos = nanos;
  }

  private void device(TraceLine line) {
    attaches += line.kind() == TraceLine.Kind.ATTACH ? 1 : 0;
    if (!chooser.note(line)) {
      refused.add(Finding.TOO_MANY_DOMAINS, trace.number());
    }
  }

  private ReplayBatch take() {
    try {
      ReplayBatch batch = free.take();
      batch.clear();
      return batch;
    } catch (InterruptedException e) {
      throw ReplayThread.interrupted(e);
    }
  }

  private void send(ReplayBatch batch) {
    batch.share(threads.size());
    threads.forEach(thread -> thread.send(batch));
  }

  private TraceSummary summary(double seconds) {
    return new TraceSummary(
        trace.name(),
        trace.number(),
        maps,
        unmaps,
        attaches,
        faults,
        trace.otherEvents(),
        trace.lostEvents(),
        lastNanos - firstNanos,
        split,
        List.copyOf(chooser.names()),
        trace.badLineCount(),
        trace.badLines(),
        refused,
        seconds);
  }
}
