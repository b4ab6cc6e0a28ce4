package dev.memdesc.core.rcu;

import dev.memdesc.core.guard.Reports;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * What RCU tells a flight recording. None is made per callback or section; without a recording an
 * event is an object that the JIT removes and a test of a constant.
 *
 * <p>No method here throws: a runtime without flight recorder, or a heap without room for an event,
 * does not stop a grace period or the thread that runs callbacks. An event that could not be begun
 * is null.
 */
final class RcuEvents {
  private RcuEvents() {}

  /**
   * Initialises the events' classes, which takes JFR a tenth of a second or more the first time.
   * Called before a lock is taken under which events are made: others would wait that long.
   */
  static void load() {
    try {
      Loaded.events();
    } catch (Throwable e) {
      Reports.lost();
    }
  }

  /** Its initialiser does it, once. */
  private static final class Loaded {
    static {
      new GracePeriod().isEnabled();
      new Stall().isEnabled();
    }

    private Loaded() {}

    static void events() {}
  }

  static @Nullable GracePeriod beginGracePeriod() {
    try {
      GracePeriod event = new GracePeriod();
      event.begin();
      return event;
    } catch (Throwable e) {
      Reports.lost();
      return null;
    }
  }

  static void end(@Nullable GracePeriod event, long number, int readers) {
    if (event != null) {
      Reports.tell(
          () -> {
            if (event.shouldCommit()) {
              event.number = number;
              event.readers = readers;
              event.commit();
            }
          });
    }
  }

  static @Nullable Callbacks beginCallbacks() {
    try {
      Callbacks event = new Callbacks();
      event.begin();
      return event;
    } catch (Throwable e) {
      Reports.lost();
      return null;
    }
  }

  static void end(@Nullable Callbacks event, long run, long backlog) {
    if (event != null) {
      Reports.tell(
          () -> {
            if (event.shouldCommit()) {
              event.run = run;
              event.backlog = backlog;
              event.commit();
            }
          });
    }
  }

  static @Nullable BackPressure beginBackPressure() {
    try {
      BackPressure event = new BackPressure();
      event.begin();
      return event;
    } catch (Throwable e) {
      Reports.lost();
      return null;
    }
  }

  static void end(@Nullable BackPressure event, long backlog, boolean paid) {
    if (event != null) {
      Reports.tell(
          () -> {
            if (event.shouldCommit()) {
              event.backlog = backlog;
              event.paid = paid;
              event.commit();
            }
          });
    }
  }

  static void stall(Thread reader, long waitedNanos, String message) {
    Reports.tell(
        () -> {
          Stall event = new Stall();
          if (event.isEnabled()) {
            event.reader = reader;
            event.waited = waitedNanos;
            event.message = message;
            event.commit();
          }
        });
  }

  /** From the number's being raised until the last reader had left. */
  @Name("memdesc.GracePeriod")
  @Label("Grace Period")
  @Category({"memdesc", "RCU"})
  @StackTrace(false)
  static final class GracePeriod extends Event {
    @Label("Number")
    long number;

    @Label("Readers")
    int readers;
  }

  /** Callbacks of one grace period. */
  @Name("memdesc.Callbacks")
  @Label("RCU Callbacks")
  @Category({"memdesc", "RCU"})
  @StackTrace(false)
  static final class Callbacks extends Event {
    @Label("Run")
    @Description("Heads and values that were reclaimed")
    long run;

    @Label("Backlog")
    @Description("Heads and values that wait for a later grace period")
    long backlog;
  }

  /** A call that waited because the backlog was too long. */
  @Name("memdesc.BackPressure")
  @Label("RCU Back-Pressure")
  @Category({"memdesc", "RCU"})
  static final class BackPressure extends Event {
    @Label("Backlog")
    long backlog;

    @Label("Paid")
    @Description("Whether half of the bound was worked off before the limit on one payment")
    boolean paid;
  }

  /** A reader that stays inside. */
  @Name("memdesc.Stall")
  @Label("RCU Stall")
  @Category({"memdesc", "RCU"})
  @StackTrace(false)
  static final class Stall extends Event {
    @Label("Reader")
    @Nullable Thread reader;

    @Label("Waited")
    @Timespan(Timespan.NANOSECONDS)
    long waited;

    @Label("Message")
    @Nullable String message;
  }
}
