package dev.memdesc.bench.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/** How the pools are model-checked. */
final class PoolLincheck {
  private PoolLincheck() {}

  static ModelCheckingOptions options() {
    return new ModelCheckingOptions()
        // Its 30 seconds are for a quiet machine: the first invocation instruments every class.
        .invocationTimeout$lincheck(TimeUnit.MINUTES.toMillis(10))
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(2)
        .actorsAfter(1)
        .minimizeFailedScenario(false)
        .iterations(20)
        .invocationsPerIteration(150);
  }

  /** The report of a failure, which has the interleaving that leads to it. */
  static String failureOf(Class<?> pool) {
    Throwable failure = catchThrowable(() -> options().check(pool));
    assertThat(failure).as("the fault is found").isNotNull();
    return String.valueOf(failure.getMessage());
  }
}
