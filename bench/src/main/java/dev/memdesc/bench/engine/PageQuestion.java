package dev.memdesc.bench.engine;

import dev.memdesc.bench.Places;
import dev.memdesc.bench.Subject;
import java.util.List;

/**
 * Maps and unmaps single pages whose tables are there.
 *
 * @param chunk how many pages a cycle maps
 */
record PageQuestion(String name, List<Row> rows, Places places, int chunk) implements Question {
  @Override
  public void prepare(Subject subject) {
    subject.mapPages(places, 0, places.pages().length);
    subject.unmapPages(places, 0, places.pages().length);
  }

  @Override
  public long cycle(Subject subject, int number, long[] nanos) {
    int from = Math.floorMod(number, places.pages().length / chunk) * chunk;
    long start = System.nanoTime();
    subject.mapPages(places, from, from + chunk);
    long mapped = System.nanoTime();
    long bytes = subject.unmapPages(places, from, from + chunk);
    nanos[0] = mapped - start;
    nanos[1] = System.nanoTime() - mapped;
    return bytes;
  }
}
