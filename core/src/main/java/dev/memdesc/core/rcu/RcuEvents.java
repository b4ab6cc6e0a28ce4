package dev.memdesc.core.rcu;

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
 */
final class RcuEvents {
  private RcuEvents() {}

  static void stall(Thread reader, long waitedNanos, String message) {
    Stall event = new Stall();
    if (event.isEnabled()) {
      event.reader = reader;
      event.waited = waitedNanos;
      event.message = message;
      event.commit();
    }
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
