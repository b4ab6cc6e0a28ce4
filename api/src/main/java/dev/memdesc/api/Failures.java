package dev.memdesc.api;

import org.jspecify.annotations.Nullable;

/**
 * For whoever does all of a list and throws at the end: the first failure carries the others. Costs
 * nothing while nothing fails.
 *
 * <pre>{@code
 * Throwable failure = null;
 * for (Closeable one : all) {
 *   try {
 *     one.close();
 *   } catch (RuntimeException | Error e) {
 *     failure = Failures.join(failure, e);
 *   }
 * }
 * Failures.throwIfAny(failure);
 * }</pre>
 */
public final class Failures {
  private Failures() {}

  /**
   * Takes note of a failure.
   *
   * @param first what was noted before, null if nothing
   * @param more what was thrown now
   * @return the first one, which has {@code more} among its suppressed ones
   */
  @SuppressWarnings("ReferenceEquality") // nothing suppresses itself
  public static Throwable join(@Nullable Throwable first, Throwable more) {
    if (first == null) {
      return more;
    }
    if (first != more) {
      first.addSuppressed(more);
    }
    return first;
  }

  /** Does one of the things to be done; the failures with that of this one, null if none failed. */
  public static @Nullable Throwable after(@Nullable Throwable first, Runnable action) {
    try {
      action.run();
      return first;
    } catch (RuntimeException | Error e) {
      return join(first, e);
    }
  }

  /** Throws what was noted, if anything: as it is, or, if it is checked, as a cause. */
  public static void throwIfAny(@Nullable Throwable failure) {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }
}
