package dev.memdesc.cli.survey;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The formats of a survey, each with a machine of its own: the first, and those to compare with.
 */
final class Formats implements AutoCloseable {
  private final List<SpaceFactory> spaces = new ArrayList<>();

  /**
   * Makes the machines. A format that is named twice is built once.
   *
   * @param first the name of the first format; null for the host's
   * @param others names of more
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}, or {@link
   *     Reason#VA_OUTSIDE_FORMAT} for a format that no process can live in
   */
  Formats(
      Function<@Nullable String, SpaceFactory> factories,
      @Nullable String first,
      List<String> others) {
    try {
      Set<String> seen = new LinkedHashSet<>();
      add(factories.apply(first), seen);
      for (String name : others) {
        add(factories.apply(name), seen);
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void add(SpaceFactory factory, Set<String> seen) {
    if (!seen.add(factory.format().name())) {
      factory.close();
      return;
    }
    spaces.add(factory);
    if (!factory.format().va().allows(0)) {
      throw PageTableException.because(
              Reason.VA_OUTSIDE_FORMAT, "a process lives in the lower half of the addresses")
          .with("format", factory.format())
          .hint("this format translates the upper half, which is the kernel's")
          .build();
    }
  }

  /** Where to build, the first format first. */
  List<SpaceFactory> spaces() {
    return spaces;
  }

  @Override
  public void close() {
    spaces.forEach(SpaceFactory::close);
  }
}
