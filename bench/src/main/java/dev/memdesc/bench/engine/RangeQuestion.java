package dev.memdesc.bench.engine;

import dev.memdesc.bench.Places;
import dev.memdesc.bench.Subject;
import java.util.List;

/**
 * Maps some ranges, translates in them if {@code translates}, and unmaps them.
 *
 * @param va of the first range
 * @param strideBytes from one range to the next
 * @param length of a range
 * @param sizes the leaf sizes that may be used
 * @param ranges how many there are in a cycle
 * @param neighbours offsets from {@code va} of pages that stay mapped, one for each range
 * @param places where translations take place
 */
record RangeQuestion(
    String name,
    List<Row> rows,
    long va,
    long strideBytes,
    long length,
    long sizes,
    int ranges,
    List<Long> neighbours,
    long frameBytes,
    Places places,
    boolean translates)
    implements Question {

  @Override
  public void prepare(Subject subject) {
    for (long offset : neighbours) {
      subject.mapRanges(places, va + offset, strideBytes, frameBytes, frameBytes, ranges);
    }
  }

  @Override
  public long cycle(Subject subject, int number, Meter meter) {
    meter.start();
    subject.mapRanges(places, va, strideBytes, length, sizes, ranges);
    meter.stop(0);
    long sum = 0;
    if (translates) {
      meter.start();
      sum = subject.translatePages(places, 0, places.pages().length);
      meter.stop(2);
    }
    meter.start();
    sum += subject.unmapRanges(va, strideBytes, length, ranges);
    meter.stop(1);
    return sum;
  }
}
