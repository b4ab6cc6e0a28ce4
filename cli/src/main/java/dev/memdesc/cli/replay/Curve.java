package dev.memdesc.cli.replay;

import java.util.ArrayList;
import java.util.List;

/**
 * What a domain looked like in the course of a trace: a bounded number of samples at equal
 * distances. When there are too many, every second one goes and the distance doubles.
 */
final class Curve {
  /** How many samples are kept at most. */
  static final int MOST = 400;

  /** How many events lie between the first samples. */
  static final long FIRST_STEP = 64;

  /**
   * One moment.
   *
   * @param events map and unmap events until then
   * @param nanos time since the first of them
   * @param tableBytes linked tables
   * @param strandedBytes those of them below which nothing is mapped; negative if not counted
   * @param mappedBytes what the events mapped and did not unmap
   * @param commands that went through the unit's queue
   */
  record Sample(
      long events,
      long nanos,
      long tableBytes,
      long strandedBytes,
      long mappedBytes,
      long commands) {}

  private List<Sample> samples = new ArrayList<>();
  private long step = FIRST_STEP;
  private long next;

  Curve() {}

  /** After how many events the next sample is due; 0 is due at once. */
  long next() {
    return next;
  }

  /** Adds a sample that is due. */
  void add(Sample sample) {
    samples.add(sample);
    if (samples.size() > MOST) {
      List<Sample> kept = new ArrayList<>();
      for (int i = 0; i < samples.size(); i += 2) {
        kept.add(samples.get(i));
      }
      samples = kept;
      step *= 2;
    }
    next = (sample.events() / step + 1) * step;
  }

  /** The last sample of all, whenever it comes. */
  void end(Sample sample) {
    if (!samples.isEmpty() && samples.getLast().events() == sample.events()) {
      samples.removeLast();
    }
    samples.add(sample);
  }

  /** The samples in the order of events. */
  List<Sample> samples() {
    return List.copyOf(samples);
  }
}
