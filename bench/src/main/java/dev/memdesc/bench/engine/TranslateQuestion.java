package dev.memdesc.bench.engine;

import dev.memdesc.bench.Places;
import dev.memdesc.bench.Subject;
import java.util.List;

/**
 * Translates where everything is mapped with base pages.
 *
 * @param random the places in random order
 * @param inOrder the same in ascending order
 * @param chunk how many translations of each a cycle does
 */
record TranslateQuestion(String name, List<Row> rows, Places random, Places inOrder, int chunk)
    implements Question {
  @Override
  public void prepare(Subject subject) {
    subject.mapPages(inOrder, 0, inOrder.pages().length);
  }

  @Override
  public long cycle(Subject subject, int number, Meter meter) {
    int from = Math.floorMod(number, random.pages().length / chunk) * chunk;
    meter.start();
    long sum = subject.translatePages(random, from, from + chunk);
    meter.stop(0);
    meter.start();
    sum += subject.translatePages(inOrder, from, from + chunk);
    meter.stop(1);
    return sum;
  }
}
