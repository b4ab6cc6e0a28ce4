package dev.memdesc.tck.fault;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One kind of failure.
 *
 * @param name for messages
 * @param point where it happens
 * @param action what happens there: it throws, or does something to the machine
 * @param isExpected whether an operation may fail with this because of it
 * @param logFails whether all logging fails too
 */
record Fault(
    String name,
    FaultPoint point,
    Consumer<FaultSite> action,
    Predicate<Throwable> isExpected,
    boolean logFails) {
  /** All that are injected. */
  static final List<Fault> ALL =
      List.of(
          refusing("no memory is left", FaultPoint.ALLOCATE, Reason.OUT_OF_MEMORY),
          throwing("a plugin's allocator throws", FaultPoint.ALLOCATE),
          heap("the heap is full", FaultPoint.DESCRIPTOR),
          throwing("a plugin's allocator refuses to free", FaultPoint.FREE),
          throwing("a plugin's allocator frees and throws", FaultPoint.FREED),
          throwing("an invalidation throws", FaultPoint.INVALIDATE),
          refusing("hardware does not answer", FaultPoint.COMPLETE, Reason.TOOL),
          new Fault(
              "a unit stops answering",
              FaultPoint.REGISTER,
              FaultSite::silence,
              e -> isReason(e, Reason.TOOL),
              false),
          new Fault(
              "a unit refuses a command",
              FaultPoint.REGISTER,
              FaultSite::refuseCommand,
              // A machine that is busy makes the next look at the unit late.
              e -> isReason(e, Reason.TOOL),
              false),
          new Fault(
              "a unit refuses a command, and logging fails",
              FaultPoint.REGISTER,
              FaultSite::refuseCommand,
              e -> isReason(e, Reason.TOOL),
              true),
          throwing("a callback throws", FaultPoint.CALLBACK),
          heap("a callback has no heap", FaultPoint.CALLBACK),
          throwing("what waited for a grace period throws", FaultPoint.RECLAIM),
          new Fault(
              "what waited for a grace period throws, and logging fails",
              FaultPoint.RECLAIM,
              _ -> {
                throw new InjectedFault(FaultPoint.RECLAIM);
              },
              _ -> false,
              true),
          heap("what waited for a grace period has no heap", FaultPoint.RECLAIM),
          throwing("the log throws", FaultPoint.LOG),
          heap("a thread cannot be started", FaultPoint.THREAD),
          new Fault(
              "no thread can be started any more",
              FaultPoint.THREAD,
              site -> {
                site.refuseThreads();
                throw new OutOfMemoryError("injected: " + FaultPoint.THREAD);
              },
              Fault::isInjected,
              true));

  private static Fault throwing(String name, FaultPoint point) {
    return new Fault(
        name,
        point,
        _ -> {
          throw new InjectedFault(point);
        },
        Fault::isInjected,
        false);
  }

  private static Fault refusing(String name, FaultPoint point, Reason reason) {
    return new Fault(
        name,
        point,
        _ -> {
          throw PageTableException.because(reason, "the injected fault is not due")
              .with("point", point)
              .build();
        },
        e -> isReason(e, reason),
        false);
  }

  private static Fault heap(String name, FaultPoint point) {
    return new Fault(
        name,
        point,
        _ -> {
          throw new OutOfMemoryError("injected: " + point);
        },
        e -> e instanceof OutOfMemoryError && isInjected(e),
        false);
  }

  private static boolean isReason(Throwable e, Reason reason) {
    return e instanceof PageTableException refused && refused.reason() == reason;
  }

  private static boolean isInjected(Throwable e) {
    return e instanceof InjectedFault
        || (e.getMessage() != null && e.getMessage().startsWith("injected: "));
  }

  /**
   * Whether an operation may end with this: the fault itself, and nothing that followed from it.
   */
  boolean explains(Throwable e) {
    for (Throwable suppressed : e.getSuppressed()) {
      if (!explains(suppressed)) {
        return false;
      }
    }
    return isExpected.test(e);
  }

  /** Makes the n-th pass fail. */
  void arm(FaultSite site, long n) {
    site.faults().arm(point, n, () -> action.accept(site));
    if (logFails) {
      site.faults().armAlways(FaultPoint.LOG);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
