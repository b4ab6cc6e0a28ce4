package dev.memdesc.bench.torture;

import dev.memdesc.api.rcu.Reader;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One updater and one reader who meet for each section: the updater takes an element away while the
 * reader enters and finds it. What depends on the order of a few accesses in two processors shows
 * when both threads run at the same moment, which among many threads hardly ever happens; so all
 * others rest in every other half second, and the pair is as likely to meet with 256 threads as
 * with 2.
 */
final class RcuDuel {
  private static final long PHASE_NANOS = 500_000_000;
  private static final int ROUNDS = 256;
  private static final int CALL_ONE_IN = 64;
  private static final int ELEMENTS = 64;
  private static final int FAR_STORES = 40;
  private static final int LONGS_PER_LINE = 8;
  private static final int FAR_LONGS = 1 << 22;
  private static final int LOOKS = 100;
  private static final int MOST_DELAY = 64;
  private static final long SPIN_NANOS = 50_000;
  private static final int PARKS = 50;
  private static final long STAY_NANOS = 1_000_000;
  private static final long PARK_NANOS = 50_000;

  private final RcuScenario scenario;
  private final long start = System.nanoTime();
  private final AtomicReference<@Nullable Element> published = new AtomicReference<>();
  // Used in turns by the updater: a reader that was not waited for still finds the old contents.
  private final Element[] elements = new Element[ELEMENTS];
  private final AtomicLongArray far = new AtomicLongArray(FAR_LONGS);
  private long rounds;
  private volatile long met;
  private volatile long offered;
  private volatile long accepted;

  RcuDuel(RcuScenario scenario) {
    this.scenario = scenario;
    for (int i = 0; i < ELEMENTS; i++) {
      elements[i] = new Element(RcuDuel::endOfCall);
    }
  }

  /** Whether the pair has the machine for itself; the first time at once. */
  boolean isNow() {
    return left() > 0;
  }

  private long left() {
    long phase = (System.nanoTime() - start) % (2 * PHASE_NANOS);
    return PHASE_NANOS - phase;
  }

  /** How often the two have met. */
  long met() {
    return met;
  }

  /** Lets the pair run until its time is over. */
  void rest() {
    LockSupport.parkNanos(this, Math.max(1, left()));
  }

  /** The updater's side; returns how many rounds there were. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // the updater alone writes it
  int update(RandomGenerator random) {
    for (int i = 0; i < ROUNDS; i++) {
      Element element = elements[(int) (++rounds % ELEMENTS)];
      element.fill(random.nextLong() | 1);
      published.set(element);
      long round = rounds;
      offered = round;
      boolean isMet = meet(() -> accepted == round);
      delay(random);
      published.set(null);
      element.growOlder();
      if (isCalled(round)) {
        call(element);
      } else {
        scenario.rcu.synchronize();
        element.growOlder();
        element.destroy();
      }
      if (!isMet) {
        return i;
      }
      met++;
    }
    return ROUNDS;
  }

  private void call(Element element) {
    scenario.rcu.call(element);
    scenario.rcu.barrier();
    if (element.age() != 2) {
      scenario.violations.add(
          "a barrier must wait for all that was queued before: age=%d, needed=2"
              .formatted(element.age()));
    }
  }

  private static void endOfCall(Element element) {
    element.growOlder();
    element.destroy();
  }

  /** Whether the element of a round is reclaimed by a callback; its reader stays for that long. */
  private static boolean isCalled(long round) {
    return round % CALL_ONE_IN == 0;
  }

  /** The reader's side; returns how many sections there were. */
  int read(Reader reader, RcuReader checks, RandomGenerator random) {
    for (int i = 0; i < ROUNDS; i++) {
      long last = accepted;
      // Quiescent while it waits: the updater may still wait for this reader.
      if (!meet(() -> isOffered(reader, last))) {
        return i;
      }
      int choice = random.nextInt();
      long round = offered;
      accepted = round;
      delay(random);
      if ((choice & 3) != 0) {
        // At once before the section, whose stores are behind these.
        fillStoreBuffer(choice);
      }
      section(reader, checks, (choice & 12) == 0, isCalled(round));
    }
    return ROUNDS;
  }

  /**
   * Stores to lines that are in no cache: they wait in the store buffer, and the stores of the
   * section behind them, also where both threads run on the two halves of one core.
   */
  private void fillStoreBuffer(int choice) {
    int line = choice >>> 8;
    for (int i = 0; i < FAR_STORES; i++) {
      line = (line * 1_664_525 + 1_013_904_223) & (FAR_LONGS / LONGS_PER_LINE - 1);
      far.setOpaque(line * LONGS_PER_LINE, choice);
    }
  }

  private boolean isOffered(Reader reader, long last) {
    reader.quiescent();
    return offered != last;
  }

  private void section(Reader reader, RcuReader checks, boolean nested, boolean stays) {
    reader.enter();
    Element element = published.getAcquire();
    if (element != null) {
      if (nested) {
        reader.enter();
        reader.exit();
      }
      // The updater is about to take it away: time for a grace period that does not wait.
      for (int i = 0; i < LOOKS && element.age() < 2; i++) {
        Thread.onSpinWait();
      }
      if (stays) {
        stay(element);
      }
      checks.check(element);
    }
    reader.exit();
    reader.quiescent();
  }

  private static void delay(RandomGenerator random) {
    for (int i = random.nextInt(MOST_DELAY); i > 0; i--) {
      Thread.onSpinWait();
    }
  }

  private static void stay(Element element) {
    long start = System.nanoTime();
    while (element.age() < 2 && System.nanoTime() - start < STAY_NANOS) {
      LockSupport.parkNanos(PARK_NANOS);
    }
  }

  /**
   * Waits for the other one for some milliseconds. Both sleep in between: a scheduler soon lets run
   * who has slept, so that the two find each other on a busy machine, too, and go on in step.
   */
  private static boolean meet(BooleanSupplier isThere) {
    for (int i = 0; i < PARKS; i++) {
      long start = System.nanoTime();
      while (System.nanoTime() - start < SPIN_NANOS) {
        if (isThere.getAsBoolean()) {
          return true;
        }
        Thread.onSpinWait();
      }
      LockSupport.parkNanos(PARK_NANOS);
    }
    return isThere.getAsBoolean();
  }
}
