package dev.memdesc.bench.torture;

import dev.memdesc.api.rcu.RcuBatch;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Publishes elements and lets those it took away grow older, by each of the ways to wait for a
 * grace period: synchronize, call, a batch, and a cookie that is asked about.
 */
final class RcuUpdater implements TortureScenario.Role {
  private static final int MOST_IN_PIPE = 64;
  private static final int BARRIER_ONE_IN = 4096;

  private final RcuScenario scenario;
  private final int index;
  private final Queue<Element> free = new ConcurrentLinkedQueue<>();
  // Those that this thread ages itself, and those of which a cookie says when.
  private final ArrayDeque<Element> pipe = new ArrayDeque<>();
  private final ArrayDeque<Polled> polled = new ArrayDeque<>();
  // By its number for a batch; written before the number is deferred.
  private final Element[] deferred = new Element[1 << 16];
  private final AtomicLong aged = new AtomicLong();
  private long started;
  private int number;
  private @Nullable RcuBatch batch;

  private record Polled(Element element, long cookie) {}

  RcuUpdater(RcuScenario scenario, int index) {
    this.scenario = scenario;
    this.index = index;
  }

  @Override
  public void begin() {
    batch = scenario.rcu.batch(value -> growOlder(deferred[(int) value]));
  }

  @Override
  public int step(RandomGenerator random) {
    if (scenario.duel.isNow()) {
      if (index == 0) {
        return scenario.duel.update(random);
      }
      scenario.duel.rest();
      return 0;
    }
    Element element = free.poll();
    if (element == null) {
      element = new Element(this::growOlder);
    }
    element.fill(random.nextLong() | 1);
    scenario.inUse.incrementAndGet();
    scenario.fillStoreBuffer(index);
    Element old = scenario.publish(index, element);
    if (old != null) {
      old.growOlder();
      retire(old, random.nextInt(16));
    }
    poll();
    if (random.nextInt(BARRIER_ONE_IN) == 0) {
      barrier();
    }
    return 1;
  }

  private void retire(Element old, int way) {
    switch (way) {
      case 0 -> {
        started++;
        scenario.rcu.call(old);
      }
      case 1 -> defer(old);
      case 2 -> polled.add(new Polled(old, scenario.rcu.cookie()));
      default -> {
        pipe.add(old);
        scenario.rcu.synchronize();
        agePipe();
      }
    }
    while (pipe.size() > MOST_IN_PIPE) {
      scenario.rcu.synchronize();
      agePipe();
    }
  }

  private void defer(Element old) {
    RcuBatch mine = batch;
    if (mine != null) {
      if (started - aged.get() > deferred.length / 2) {
        // Before a slot is used again that a value still stands for.
        barrier();
      }
      number = (number + 1) & (deferred.length - 1);
      deferred[number] = old;
      started++;
      mine.defer(number);
      if ((number & 15) == 0) {
        mine.flush();
      }
    }
  }

  private void agePipe() {
    for (int i = pipe.size(); i > 0; i--) {
      Element element = pipe.remove();
      if (element.growOlder() < Element.STAGES) {
        pipe.add(element);
      } else {
        release(element);
      }
    }
  }

  private void poll() {
    while (!polled.isEmpty() && scenario.rcu.isOver(polled.peek().cookie())) {
      Element element = polled.remove().element();
      if (element.growOlder() < Element.STAGES) {
        polled.add(new Polled(element, scenario.rcu.cookie()));
      } else {
        release(element);
      }
    }
  }

  /** In a callback: one stage on, and queued again unless it was the last. */
  private void growOlder(Element element) {
    if (element.growOlder() < Element.STAGES) {
      scenario.rcu.call(element);
    } else {
      aged.incrementAndGet();
      release(element);
    }
  }

  private void release(Element element) {
    element.destroy();
    scenario.inUse.decrementAndGet();
    free.add(element);
  }

  /** A barrier for each stage: what was queued before the first has grown old at the last. */
  private void barrier() {
    if (batch != null) {
      batch.flush();
    }
    for (int stage = 1; stage < Element.STAGES; stage++) {
      scenario.rcu.barrier();
    }
    if (aged.get() != started) {
      scenario.violations.add(
          "a barrier must wait for all that was queued before: queued=%d, run=%d"
              .formatted(started, aged.get()));
    }
  }

  @Override
  public void end() {
    Element last = scenario.publish(index, null);
    if (last != null) {
      last.growOlder();
      pipe.add(last);
    }
    polled.forEach(one -> pipe.add(one.element()));
    polled.clear();
    if (batch != null) {
      batch.close();
    }
    while (!pipe.isEmpty()) {
      scenario.rcu.synchronize();
      agePipe();
    }
  }
}
