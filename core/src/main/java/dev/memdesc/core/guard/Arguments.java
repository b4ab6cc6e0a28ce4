package dev.memdesc.core.guard;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import org.jspecify.annotations.Nullable;

/** Refuses null by name. The JIT makes one test of this and of the use that follows. */
public final class Arguments {
  private Arguments() {}

  /**
   * The argument.
   *
   * @throws PageTableException with {@link Reason#NULL_ARGUMENT} if it is null
   */
  public static <T> T require(@Nullable T argument, String name) {
    if (argument == null) {
      throw missing(name);
    }
    return argument;
  }

  /** What to throw for a parameter that is null. */
  public static PageTableException missing(String name) {
    return PageTableException.because(Reason.NULL_ARGUMENT, "an argument must not be null")
        .with("name", name)
        .build();
  }
}
