package dev.memdesc.tck.iommu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Makes the models of one backend's units. Found by {@link ServiceLoader}; annotate implementations
 * with {@code @AutoService}.
 */
public interface ModelUnits {
  /** The name of the backend that the models are for. */
  String backend();

  /** A unit with all capabilities that the backend can use, as after a reset. */
  ModelUnit create(HardwareMemory memory);

  /**
   * The models for a backend.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}, listing what there is
   */
  static ModelUnits of(String backend) {
    List<ModelUnits> all =
        ServiceLoader.load(ModelUnits.class).stream().map(ServiceLoader.Provider::get).toList();
    return all.stream()
        .filter(units -> units.backend().equals(backend))
        .findFirst()
        .orElseThrow(
            () ->
                PageTableException.because(Reason.UNKNOWN_NAME, "an IOMMU has a model")
                    .with("name", backend)
                    .hint("there are " + all.stream().map(ModelUnits::backend).sorted().toList())
                    .build());
  }
}
