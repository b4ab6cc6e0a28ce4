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
  private long scatterMaps;
  private long unmaps;
  private long unitlessTimes;
  private long timeless;
  private boolean timed;
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
        case MAP, MAP_SG, UNMAP -> add(line, batch);
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

  private void add(TraceLine line, ReplayBatch batch) {
    time(line);
    long number = trace.number();
    long iova = line.iova();
    long size = line.size();
    int domain = chooser.of(line);
    switch (line.kind()) {
      case UNMAP -> unmaps++;
      case MAP_SG -> scatterMaps++;
      default -> maps++;
    }
    if (domain == DomainChooser.NONE) {
      refused.add(Finding.TOO_MANY_NAMES, number);
      return;
    }
    switch (line.kind()) {
      case UNMAP -> {
        if (line.domain().isEmpty()) {
          batch.addUnmap(domain, number, lastNanos, iova, size, line.unmapped());
        } else {
          batch.addNamedUnmap(domain, number, lastNanos, iova, size, line.unmapped());
        }
      }
      case MAP_SG -> batch.addMapPieces(domain, number, lastNanos, iova, size);
      default -> batch.addMap(domain, number, lastNanos, iova, line.pa(), size);
    }
  }

  /** An event without a time of its own has that of the one before. */
  private void time(TraceLine line) {
    if (line.clock() == TraceLine.Clock.SECONDS) {
      firstNanos = timed ? firstNanos : line.nanos();
      lastNanos = line.nanos();
      timed = true;
    } else if (line.clock() == TraceLine.Clock.COUNTER) {
      unitlessTimes++;
    } else {
      timeless++;
    }
  }

  private void device(TraceLine line) {
    attaches += line.kind() == TraceLine.Kind.ATTACH ? 1 : 0;
    Finding finding = chooser.note(line);
    if (finding != null) {
      refused.add(finding, trace.number());
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
        maps + scatterMaps,
        scatterMaps,
        unmaps,
        attaches,
        faults,
        trace.otherEvents(),
        trace.unknownEvents(),
        trace.unknownNames(),
        trace.lostEvents(),
        lastNanos - firstNanos,
        unitlessTimes,
        timeless,
        split,
        chooser.hasNames(),
        List.copyOf(chooser.names()),
        trace.badLineCount(),
        trace.badLines(),
        refused,
        seconds);
  }
}
