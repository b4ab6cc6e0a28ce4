package dev.memdesc.tck.iommu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Services;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Makes the models of one backend's units. Found by {@link ServiceLoader}, on the class path and in
 * the plugins; annotate implementations with {@code @AutoService}.
 */
public interface ModelUnits {
  /** The name of the backend that the models are for. */
  String backend();

  /** A unit with all capabilities that the backend can use, as after a reset. */
  ModelUnit create(HardwareMemory memory);

  /**
   * The models for a backend.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}, listing what there is; {@link
   *     Reason#INCONSISTENT} if there is none and one cannot be loaded
   */
  static ModelUnits of(BackendRegistry registry, String backend) {
    Services<ModelUnits> all = registry.services(ModelUnits.class);
    return all.found().stream()
        .filter(units -> backend.equals(units.backend()))
        .findFirst()
        .orElseThrow(
            () ->
                all.failures().isEmpty() ? none(backend, all.found()) : all.failures().getFirst());
  }

  private static PageTableException none(String backend, List<ModelUnits> all) {
    return PageTableException.because(Reason.UNKNOWN_NAME, "an IOMMU has a model")
        .with("name", backend)
        .hint(
            "there are "
                + all.stream().map(ModelUnits::backend).sorted().toList()
                + "; implement "
                + ModelUnits.class.getName()
                + " and name the class in META-INF/services of the backend's jar")
        .build();
  }
}
