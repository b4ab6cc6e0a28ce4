package dev.memdesc.referee;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Services;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the guest for a backend: on the class path and in the plugins. */
final class Guests {
  private Guests() {}

  /**
   * The guest for a backend, or null if there is none.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT} if there is none and one cannot be
   *     loaded, {@link Reason#DUPLICATE_NAME} if there are two
   */
  static @Nullable Guest of(BackendRegistry registry, ArchBackend backend) {
    Services<Guest> guests = registry.services(Guest.class);
    List<Guest> found =
        guests.found().stream().filter(guest -> backend.name().equals(guest.backend())).toList();
    if (found.size() > 1) {
      throw PageTableException.because(Reason.DUPLICATE_NAME, "a backend has one guest")
          .with("backend", backend.name())
          .with("one", found.getFirst().getClass().getName())
          .with("other", found.getLast().getClass().getName())
          .build();
    }
    if (found.isEmpty() && !guests.failures().isEmpty()) {
      // It may be the one that is looked for.
      throw guests.failures().getFirst();
    }
    return found.isEmpty() ? null : found.getFirst();
  }
}
