package dev.memdesc.core.fragment;

import dev.memdesc.api.Failures;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Gives back what is kept in many places: in every one, also after one that failed. */
final class Trim {
  private boolean any;
  private @Nullable Throwable failure;

  /** Does one of them, which says whether it gave anything back. */
  void also(BooleanSupplier place) {
    try {
      any |= place.getAsBoolean();
    } catch (RuntimeException | Error e) {
      failure = Failures.join(failure, e);
    }
  }

  /** Whether anything was given back; throws what failed. */
  boolean finish() {
    Failures.throwIfAny(failure);
    return any;
  }
}
