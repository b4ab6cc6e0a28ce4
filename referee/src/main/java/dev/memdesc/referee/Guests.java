package dev.memdesc.referee;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.ArchBackend;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds the guest for a backend: beside the backend, so that a plugin can bring both. */
final class Guests {
  private Guests() {}

  /**
   * The guest for a backend, or null if there is none.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT} if it cannot be loaded, {@link
   *     Reason#DUPLICATE_NAME} if there are two
   */
  static @Nullable Guest of(ArchBackend backend) {
    Guest found = null;
    try {
      for (Guest guest : ServiceLoader.load(Guest.class, backend.getClass().getClassLoader())) {
        if (!guest.backend().equals(backend.name())) {
          continue;
        }
        if (found != null) {
          throw PageTableException.because(Reason.DUPLICATE_NAME, "a backend has one guest")
              .with("backend", backend.name())
              .with("one", found.getClass().getName())
              .with("other", guest.getClass().getName())
              .build();
        }
        found = guest;
      }
    } catch (ServiceConfigurationError e) {
      throw PageTableException.because(Reason.INCONSISTENT, "every guest can be loaded")
          .with("failure", e)
          .hint("rebuild it, or take its jar out of the plugins folder")
          .build(e);
    }
    return found;
  }
}
