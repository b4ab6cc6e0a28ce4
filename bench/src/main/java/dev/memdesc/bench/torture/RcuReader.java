package dev.memdesc.bench.torture;

import dev.memdesc.api.rcu.Reader;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Reads what is published, mostly for a moment and sometimes for long, at random depths. */
final class RcuReader implements TortureScenario.Role {
  private static final int SECTIONS = 256;
  private static final int MOST_DEPTH = 4;
  private static final int SLEEP_NANOS = 100_000;

  private final RcuScenario scenario;
  private final long[] ages = new long[Element.STAGES + 1];
  private final boolean isOfThePair;
  private @Nullable Reader reader;

  /**
   * @param isOfThePair whether this is the reader of the pair
   */
  RcuReader(RcuScenario scenario, boolean isOfThePair) {
    this.scenario = scenario;
    this.isOfThePair = isOfThePair;
  }

  @Override
  public void begin() {
    reader = scenario.rcu.register();
  }

  @Override
  public int step(RandomGenerator random) {
    Reader mine = reader;
    if (mine == null) {
      throw new IllegalStateException("a role begins before it steps");
    }
    if (scenario.duel.isNow()) {
      return duel(mine, random);
    }
    for (int i = 0; i < SECTIONS; i++) {
      section(mine, random);
    }
    publishAges();
    if (random.nextInt(64) == 0) {
      // Gone for a while: nobody may wait for this thread now, and it comes back as if new.
      mine.offline();
      LockSupport.parkNanos(SLEEP_NANOS);
      mine.online();
    }
    if (random.nextInt(512) == 0) {
      mine.close();
      reader = scenario.rcu.register();
    }
    return SECTIONS;
  }

  private int duel(Reader mine, RandomGenerator random) {
    if (isOfThePair) {
      int sections = scenario.duel.read(mine, this, random);
      publishAges();
      return sections;
    }
    // Off the list: grace periods of the pair are as short as with two threads.
    mine.close();
    scenario.duel.rest();
    reader = scenario.rcu.register();
    return 0;
  }

  private void publishAges() {
    for (int age = 0; age < ages.length; age++) {
      scenario.ages.addAndGet(age, ages[age]);
      ages[age] = 0;
    }
  }

  private void section(Reader mine, RandomGenerator random) {
    int choice = random.nextInt(1024);
    int depth = choice < 64 ? 1 + choice % MOST_DEPTH : 1;
    int updater = scenario.updaters() == 1 ? 0 : random.nextInt(scenario.updaters());
    if ((choice & 1) != 0) {
      scenario.fillStoreBuffer(choice);
    }
    mine.enter();
    Element element = scenario.published(updater);
    if (element != null) {
      for (int i = 1; i < depth; i++) {
        mine.enter();
        check(element);
        stay(random.nextInt(1024));
        mine.exit();
      }
      stay(choice);
      check(element);
    }
    mine.exit();
    mine.quiescent();
  }

  private static void stay(int choice) {
    if (choice == 1023) {
      LockSupport.parkNanos(SLEEP_NANOS);
    } else {
      // About as long as a short grace period, and often nothing.
      for (int i = choice & 31; i > 0; i--) {
        Thread.onSpinWait();
      }
    }
  }

  /** Adds a violation if an element that a section has found was freed. */
  void check(Element element) {
    // The contents first: they are destroyed after the last stage, so the age tells no less later.
    boolean intact = element.isIntact();
    int age = element.age();
    ages[Math.min(age, Element.STAGES)]++;
    if (age > 1 || !intact) {
      scenario.violations.add(
          "what a section has found is not freed: age=%d, most=1, intact=%s, reader=%s"
              .formatted(age, intact, Thread.currentThread().getName()));
    }
  }

  @Override
  public void end() {
    if (reader != null) {
      reader.close();
    }
  }
}
