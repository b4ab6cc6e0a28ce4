package dev.memdesc.cli;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;

import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.tck.fault.FaultMatrix;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;

/**
 * Every operation, crossed with every fault, on a format of each kind: plain tables, tables that
 * share pages, a root that grows, contiguous groups, two IOMMUs.
 */
final class FaultMatrixTest {
  private static final List<String> FORMATS =
      List.of(
          "x86/4-level",
          "powerpc/radix-64k",
          "s390/5-level",
          "s390/3-level",
          "arm64/4k-48",
          "intel/ss-48",
          "arm-smmu/s1-4k-48");

  @TestFactory
  Stream<DynamicContainer> formats() {
    try (BackendRegistry registry = BackendRegistry.discover(null)) {
      List<FormatBackend> backends = registry.all();
      return FORMATS.stream()
          .map(
              format ->
                  dynamicContainer(format, FaultMatrix.of(backendOf(backends, format), format)));
    }
  }

  private static FormatBackend backendOf(List<FormatBackend> backends, String format) {
    return backends.stream()
        .filter(backend -> format.startsWith(backend.name() + "/"))
        .findFirst()
        .orElseThrow();
  }
}
