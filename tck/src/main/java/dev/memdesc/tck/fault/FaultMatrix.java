package dev.memdesc.tck.fault;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.api.spi.IommuBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicContainer;

/**
 * Every operation on one format, crossed with everything that may fail under it: the first
 * allocation, the second, until one more is not needed; and so for each {@link Fault}. When an
 * operation fails it throws the fault, and what is translated is as before, the tables agree with
 * their descriptors, no lock is held; tried again it does what it does without a fault. In the end
 * everything is closed, and nothing is left.
 */
public final class FaultMatrix {
  /** No operation passes a point so often. */
  private static final int MOST = 400;

  private final FormatBackend backend;
  private final String format;

  private FaultMatrix(FormatBackend backend, String format) {
    this.backend = backend;
    this.format = format;
  }

  /** A container for each operation, with a test for each fault. */
  public static Stream<DynamicContainer> of(FormatBackend backend, String format) {
    return new FaultMatrix(backend, format).rows();
  }

  private Stream<DynamicContainer> rows() {
    List<Operation> all = new ArrayList<>(SpaceOperations.all());
    all.addAll(MachineOperations.all());
    all.addAll(UnitOperations.all());
    return all.stream()
        .filter(this::applies)
        .map(
            operation ->
                dynamicContainer(
                    operation.name(),
                    Fault.ALL.stream()
                        .map(
                            fault ->
                                dynamicTest(fault.name(), () -> new Row(operation, fault).run()))));
  }

  private boolean applies(Operation operation) {
    FaultSite site = newSite();
    try {
      return operation.applies().test(site);
    } finally {
      site.close();
    }
  }

  private FaultSite newSite() {
    return backend instanceof IommuBackend iommu
        ? new DomainSite(iommu, format)
        : new SpaceSite(backend, format);
  }

  /** What can be seen of a space. */
  private record State(List<String> content, TableCounts counts) {
    static State of(FaultSite site) {
      return new State(site.content(), site.space().counts());
    }

    /** The tables in use, without memory that waits. */
    private List<Long> tables() {
      return counts.levels().stream()
          .flatMap(level -> Stream.of(level.linked(), level.deposited()))
          .toList();
    }

    void mustEqual(State other, String when) {
      if (!content.equals(other.content) || !tables().equals(other.tables())) {
        throw new AssertionError("%s: found=%s, expected=%s".formatted(when, this, other));
      }
    }
  }

  /** One operation with one fault. */
  private final class Row {
    private final Operation operation;
    private final Fault fault;
    // For whoever reports a hang.
    private volatile long n;
    private volatile String step = "";
    private volatile @Nullable FaultSite site;

    Row(Operation operation, Fault fault) {
      this.operation = operation;
      this.fault = fault;
    }

    void run() {
      State golden = bounded(() -> once(null));
      for (long pass = 1; pass <= MOST; pass++) {
        n = pass;
        if (bounded(() -> once(golden)) == null) {
          return;
        }
      }
      throw failure("an operation passes a point less than " + MOST + " times", null);
    }

    private <T extends @Nullable Object> T bounded(Supplier<T> work) {
      try {
        return Bounded.run(work, this::where, e -> failure(e.toString(), e));
      } catch (AssertionError e) {
        FaultSite left = site;
        if (left != null) {
          left.abandon();
        }
        throw e;
      }
    }

    private String where() {
      return "format=%s operation=%s fault=%s n=%d step=%s"
          .formatted(format, operation, fault, n, step);
    }

    private AssertionError failure(String what, @Nullable Throwable cause) {
      return new AssertionError(where() + ": " + what, cause);
    }

    /**
     * Runs the operation once, with the n-th pass of the fault's point failing.
     *
     * @param golden what is there after it; null to run it without a fault
     * @return what is there after it; null if the point is not passed so often
     */
    private @Nullable State once(@Nullable State golden) {
      step = "before";
      FaultSite site = newSite();
      this.site = site;
      operation.before().accept(site);
      State before = State.of(site);
      if (golden != null) {
        fault.arm(site, n);
        if (fault.point() == FaultPoint.RECLAIM) {
          step = "call";
          site.memdesc().rcu().call(site.head());
        }
      }
      boolean fired;
      State after = before;
      if (operation.closes()) {
        step = "close";
        site.close(one -> closeStep(site, one));
        fired = site.faults().hasFired();
      } else {
        after = operate(site, before);
        fired = site.faults().hasFired();
        if (golden != null) {
          after.mustEqual(golden, "tried again it is as without the fault");
        }
        step = "close";
        // A page allocator's failure may be told to whoever closes.
        site.close(one -> closeStep(site, one));
      }
      return golden == null || fired ? after : null;
    }

    private State operate(FaultSite site, State before) {
      Throwable failure = attempt(site);
      step = "settle";
      site.settle();
      site.faults().disarm();
      site.recover();
      if (failure != null) {
        step = "look at what failed";
        checkFailure(site, before, failure);
        step = "try again";
        operation.run().accept(site);
        site.settle();
      }
      step = "look at the outcome";
      operation.effect().accept(site, site.reference());
      site.checkValid();
      return State.of(site);
    }

    private void closeStep(FaultSite site, Runnable one) {
      try {
        one.run();
      } catch (RuntimeException | Error e) {
        site.faults().disarm();
        site.recover();
        if (!site.faults().hasFired() || !fault.explains(e)) {
          throw new AssertionError("closing fails with what made it fail", e);
        }
        one.run();
      }
    }

    private @Nullable Throwable attempt(FaultSite site) {
      step = "run";
      try {
        operation.run().accept(site);
        return null;
      } catch (RuntimeException | Error e) {
        return e;
      }
    }

    private void checkFailure(FaultSite site, State before, Throwable failure) {
      if (!fault.explains(failure)) {
        throw new AssertionError("an operation fails with what made it fail", failure);
      }
      if (operation.keepsStructure()) {
        State.of(site).mustEqual(before, "what failed changed nothing");
      }
      if (!operation.name().startsWith("unmap, flush")) {
        site.checkValid();
      }
    }
  }
}
