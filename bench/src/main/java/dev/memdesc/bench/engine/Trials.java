package dev.memdesc.bench.engine;

import dev.memdesc.bench.Subject;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Runs cycles of a question on several subjects in turn. A trial is short, so what disturbs the
 * machine disturbs all of them; a trial's figure is the median over its cycles, so a cycle in which
 * the thread lost its processor does not count.
 */
final class Trials {
  private static final int MOST_CYCLES = 1 << 13;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int MOST_WARM_UPS = 12;
  private static final int HEAP_CYCLES = 100;
  private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

  private final Question question;
  private final List<Subject> subjects;
  private final int rows;
  // Index: row, then subject; an element for each trial.
  private final List<List<List<Double>>> nanos = new ArrayList<>();
  private final long[][] samples;
  private int cycles;

  /** Prepares all subjects, which are empty. */
  Trials(Question question, List<? extends Subject> subjects) {
    this.question = question;
    this.subjects = List.copyOf(subjects);
    this.rows = question.rows().size();
    this.samples = new long[rows][MOST_CYCLES];
    for (int row = 0; row < rows; row++) {
      List<List<Double>> of = new ArrayList<>();
      subjects.forEach(subject -> of.add(new ArrayList<>()));
      nanos.add(of);
    }
    this.subjects.forEach(question::prepare);
    checkSameResults();
  }

  /** Rivals that do another job would prove nothing. */
  private void checkSameResults() {
    long expected = question.cycle(subjects.getFirst(), 0, Meter.OFF);
    for (Subject subject : subjects) {
      long found = question.cycle(subject, 0, Meter.OFF);
      if (found != expected) {
        throw new IllegalStateException(
            "all subjects give the same results: question=%s, %s=%d, %s=%d"
                .formatted(
                    question.name(), subjects.getFirst().name(), expected, subject.name(), found));
      }
    }
  }

  /** Runs cycles for that long on each subject. */
  void exercise(int millis) {
    subjects.forEach(subject -> run(subject, millis));
  }

  /** Runs cycles for that long on each subject, and until the JIT compiler has nothing to do. */
  void warmUp(int millis) {
    long before;
    int parts = 0;
    do {
      before = COMPILER.getTotalCompilationTime();
      exercise(millis);
    } while (COMPILER.getTotalCompilationTime() != before && ++parts < MOST_WARM_UPS);
  }

  /** Bytes that the first subject allocates on the Java heap for an operation, by row. */
  double[] heapBytes() {
    HeapMeter meter = new HeapMeter(rows);
    for (int cycle = 0; cycle < HEAP_CYCLES; cycle++) {
      question.cycle(subjects.getFirst(), cycle, meter);
    }
    return IntStream.range(0, rows)
        .mapToDouble(
            row ->
                meter.bytes(row) / ((double) HEAP_CYCLES * question.rows().get(row).operations()))
        .toArray();
  }

  /** Runs trials of {@code millis} on each subject, beginning with another one each time. */
  void run(int trials, int millis) {
    for (int trial = 0; trial < trials; trial++) {
      for (int turn = 0; turn < subjects.size(); turn++) {
        int who = (trial + turn) % subjects.size();
        int done = run(subjects.get(who), millis);
        for (int row = 0; row < rows; row++) {
          Arrays.sort(samples[row], 0, done);
          double median = samples[row][done / 2];
          nanos.get(row).get(who).add(median / question.rows().get(row).operations());
        }
      }
    }
  }

  private int run(Subject subject, int millis) {
    TimeMeter taken = new TimeMeter(rows);
    long end = System.nanoTime() + millis * NANOS_PER_MILLI;
    int done = 0;
    do {
      long sum = question.cycle(subject, cycles++, taken);
      if (sum == Long.MIN_VALUE) {
        throw new IllegalStateException("a sum over pa is smaller");
      }
      for (int row = 0; row < rows; row++) {
        samples[row][done % MOST_CYCLES] = taken.nanos(row);
      }
      done++;
    } while (System.nanoTime() - end < 0);
    return Math.min(done, MOST_CYCLES);
  }

  /** What a row took on a subject, in nanoseconds per operation: the 20th percentile of trials. */
  double nanos(int row, int subject) {
    return quantile(nanos.get(row).get(subject), 0.2);
  }

  /** The median over trials of what the first subject took as a multiple of another one. */
  double ratio(int row, int subject) {
    List<Double> ours = nanos.get(row).getFirst();
    List<Double> theirs = nanos.get(row).get(subject);
    List<Double> ratios = new ArrayList<>();
    for (int trial = 0; trial < ours.size(); trial++) {
      ratios.add(ours.get(trial) / theirs.get(trial));
    }
    return quantile(ratios, 0.5);
  }

  private static double quantile(List<Double> values, double share) {
    return values.stream()
        .sorted()
        .skip((long) ((values.size() - 1) * share))
        .findFirst()
        .orElseThrow();
  }
}
