package dev.memdesc.tck.iommu;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.tck.Limited;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * Everything that an IOMMU's backend must do with a unit, on the {@link ModelUnit} of its name. Its
 * formats are checked by {@link dev.memdesc.tck.BackendConformance}, as any others. A backend's
 * test is this:
 *
 * <pre>{@code
 * final class IntelUnitTest extends IommuConformance {
 *   IntelUnitTest() {
 *     super(new IntelBackend());
 *   }
 * }
 * }</pre>
 *
 * <p>Each check has a machine of its own, in which every frame must be free in the end, and no
 * frame of a table may have been given back before the unit had completed an invalidation.
 */
public abstract class IommuConformance {
  private final IommuBackend backend;

  /** For subclasses, which name their backend. */
  protected IommuConformance(IommuBackend backend) {
    this.backend = backend;
  }

  /** The unit: opening, its queue, its faults. */
  @TestFactory
  final Stream<DynamicNode> unit() {
    Map<String, Consumer<UnitRig>> checks = new LinkedHashMap<>();
    UnitChecks.addTo(checks);
    QueueChecks.addTo(checks);
    return checks.entrySet().stream()
        .map(
            check ->
                dynamicTest(
                    check.getKey(),
                    () ->
                        Limited.run(
                            backend.name(),
                            check.getKey(),
                            () -> {
                              try (UnitRig rig = new UnitRig(backend)) {
                                check.getValue().accept(rig);
                              }
                            })));
  }

  /** Domains of every format that the unit offers. */
  @TestFactory
  final Stream<DynamicContainer> domains() {
    Map<String, BiConsumer<UnitRig, String>> checks = new LinkedHashMap<>();
    DomainChecks.addTo(checks);
    return offered().map(format -> container(format, checks));
  }

  private Stream<String> offered() {
    try (UnitRig rig = new UnitRig(backend)) {
      return rig.open().formats().stream().map(TableFormat::name).toList().stream();
    }
  }

  private DynamicContainer container(
      String format, Map<String, BiConsumer<UnitRig, String>> checks) {
    return dynamicContainer(
        format,
        checks.entrySet().stream()
            .map(
                check ->
                    dynamicTest(
                        check.getKey(),
                        () ->
                            Limited.run(
                                format,
                                check.getKey(),
                                () -> {
                                  try (UnitRig rig = new UnitRig(backend)) {
                                    check.getValue().accept(rig, format);
                                  }
                                }))));
  }
}
