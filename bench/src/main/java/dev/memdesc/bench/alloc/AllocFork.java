package dev.memdesc.bench.alloc;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A JVM of its own that measures: arguments are the folder of the compiled rivals, the number of
 * trials, and the questions. The sides of a question take turns of a few milliseconds; a turn's
 * figure is the median of its cycles, so a cycle that lost its processor does not count, and ratios
 * are those of neighbouring turns.
 */
public final class AllocFork {
  static final String RESULT = "alloc.txt";

  private static final long TURN_NANOS = 12_000_000;
  private static final int WARM_UP_TURNS = 40;
  private static final int MOST_CYCLES = 4096;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final int trials;
  private final double[] samples = new double[MOST_CYCLES];

  private AllocFork(int trials) {
    this.trials = trials;
  }

  /** Measures fragments. */
  public static void main(String[] args) throws IOException {
    run(args, List.of(AllocQuestion.values()));
  }

  /**
   * Measures and writes a line for each side of each question.
   *
   * @param all the questions there are
   */
  public static void run(String[] args, List<? extends SpeedQuestion> all) throws IOException {
    Path folder = Path.of(args[0]);
    AllocFork fork = new AllocFork(Integer.parseInt(args[1]));
    List<String> asked = Arrays.asList(args).subList(2, args.length);
    List<String> lines = new ArrayList<>();
    for (SpeedQuestion question : all) {
      if (asked.contains(question.title())) {
        fork.answer(question, folder, lines);
      }
    }
    Files.write(folder.resolve(RESULT), lines);
  }

  private void answer(SpeedQuestion question, Path folder, List<String> lines) {
    List<Side> sides = question.sides(folder);
    double[][] nanos = new double[sides.size()][trials];
    for (int turn = 0; turn < WARM_UP_TURNS; turn++) {
      sides.forEach(this::turn);
    }
    for (int trial = 0; trial < trials; trial++) {
      for (int i = 0; i < sides.size(); i++) {
        int who = (trial + i) % sides.size();
        nanos[who][trial] = turn(sides.get(who)) / question.operations();
      }
    }
    double heap = heapBytes(sides.getFirst()) / question.operations();
    for (int side = 0; side < sides.size(); side++) {
      double[] ratios = new double[trials];
      for (int trial = 0; trial < trials; trial++) {
        ratios[trial] = nanos[0][trial] / nanos[side][trial];
      }
      lines.add(
          String.join(
              "\t",
              question.title(),
              sides.get(side).name(),
              Double.toString(median(nanos[side])),
              Double.toString(median(ratios)),
              Double.toString(side == 0 ? heap : 0)));
    }
    sides.forEach(Side::close);
  }

  /** The median of the cycles of a turn. */
  private double turn(Side side) {
    side.begin();
    try {
      return cycles(side);
    } finally {
      side.end();
    }
  }

  private double cycles(Side side) {
    long end = System.nanoTime() + TURN_NANOS;
    int cycles = 0;
    long before = System.nanoTime();
    do {
      side.cycle();
      long now = System.nanoTime();
      samples[cycles++] = now - before;
      before = now;
    } while (before < end && cycles < MOST_CYCLES);
    return median(Arrays.copyOf(samples, cycles));
  }

  /** What this thread allocates on the Java heap in the leanest of some cycles. */
  private static double heapBytes(Side side) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      side.cycle();
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
