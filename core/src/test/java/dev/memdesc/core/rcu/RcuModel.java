package dev.memdesc.core.rcu;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.function.Executable;

/**
 * What model checking runs: readers look at the published object twice, updaters publish another
 * one and free the old one by each of the ways there are, and one steps grace periods. The machine
 * and the queue are the real ones; only what cannot be stepped, a thread and a system call, is left
 * out, which loses nothing because the checker's memory is sequentially consistent.
 *
 * <p>A read must never find an object reclaimed while its section lasts, and at the end everything
 * has been reclaimed once.
 */
public abstract class RcuModel {
  private final DeterministicRcu rcu;
  private volatile Element published = new Element();

  RcuModel(
      GracePeriods periods,
      BiFunction<Rcu, GracePeriods, ListedReader> readers,
      Function<BaseRcu, CallbackQueue> callbacks) {
    this.rcu = new DeterministicRcu(periods, readers, callbacks);
  }

  static ModelCheckingOptions options() {
    return new ModelCheckingOptions()
        // Its 30 seconds are for a quiet machine: the first invocation instruments every class.
        .invocationTimeout$lincheck(TimeUnit.MINUTES.toMillis(10))
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(0)
        .minimizeFailedScenario(false)
        .iterations(12)
        .invocationsPerIteration(800);
  }

  /** Fails unless the checker finds the fault; the trace it found is printed. */
  static void assertFound(Executable check) {
    assertThatThrownBy(check::execute)
        .satisfies(e -> System.out.println(e.getMessage()))
        .hasMessageMatching("(?s).*(Invalid execution results|Validation function|unexpected).*");
  }

  /** Reads in a section with another one inside it; whether all that was read was alive. */
  @Operation
  public boolean read() {
    Reader reader = rcu.register();
    reader.enter();
    Element element = published;
    boolean alive = element.isAlive();
    reader.enter();
    alive &= element.isAlive();
    reader.exit();
    alive &= element.isAlive();
    reader.exit();
    reader.close();
    return alive;
  }

  /** Publishes another object and frees the old one later. */
  @Operation
  public void replace() {
    rcu.call(publishAnother());
  }

  private synchronized Element publishAnother() {
    Element old = published;
    published = new Element();
    return old;
  }

  /** The same, but waits for the grace period itself, which another one may drive. */
  @Operation
  public void replaceAndWait() {
    Element old = publishAnother();
    long cookie = rcu.cookie();
    while (!rcu.isOver(cookie)) {
      rcu.advance();
    }
    old.reclaim();
  }

  /** A grace period passes if nobody is inside; what is ready is reclaimed. */
  @Operation
  public void step() {
    rcu.advance();
    rcu.runCallbacks();
  }

  /** Everything that was queued is reclaimed in the end, and only once. */
  @Validate
  public void complete() {
    rcu.close();
    if (rcu.statistics().backlog() != 0) {
      throw new IllegalStateException("something was lost: " + rcu.statistics());
    }
  }

  /** What readers look at. */
  private static final class Element extends RcuHead {
    private volatile boolean reclaimed;

    boolean isAlive() {
      return !reclaimed;
    }

    @Override
    protected void reclaim() {
      if (reclaimed) {
        throw new IllegalStateException("reclaimed twice");
      }
      reclaimed = true;
    }
  }
}
