package dev.memdesc.bench.engine;

import dev.memdesc.bench.Places;
import dev.memdesc.bench.Subject;
import java.util.List;

/**
 * Maps and unmaps single pages whose tables are there and hold another entry.
 *
 * @param neighbourVa the first of the other entries
 * @param spanBytes of a leaf table, from one of them to the next
 * @param tables how many leaf tables there are
 * @param chunk how many pages a cycle maps
 */
record PageQuestion(
    String name,
    List<Row> rows,
    Places places,
    long neighbourVa,
    long spanBytes,
    long frameBytes,
    int tables,
    int chunk)
    implements Question {
  @Override
  public void prepare(Subject subject) {
    subject.mapRanges(places, neighbourVa, spanBytes, frameBytes, frameBytes, tables);
  }

  @Override
  public long cycle(Subject subject, int number, Meter meter) {
    int from = Math.floorMod(number, places.pages().length / chunk) * chunk;
    meter.start();
    subject.mapPages(places, from, from + chunk);
    meter.stop(0);
    meter.start();
    long bytes = subject.unmapPages(places, from, from + chunk);
    meter.stop(1);
    return bytes;
  }
}
