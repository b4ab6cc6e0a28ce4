package dev.memdesc.tck;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.memdesc.api.spi.FormatBackend;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * Everything that a backend must do, for every one of its variants. A backend's test is this:
 *
 * <pre>{@code
 * final class X86ConformanceTest extends BackendConformance {
 *   X86ConformanceTest() {
 *     super(new X86Backend());
 *   }
 * }
 * }</pre>
 *
 * <p>An IOMMU's backend passes the same checks of its formats, and a kit of its own in {@code
 * tck.iommu}.
 *
 * <p>Each sentence of {@link FormatBackend}, {@link dev.memdesc.api.spi.ArchBackend}, {@link
 * dev.memdesc.api.format.EntryCodec} and the format records is a check here, and each error that
 * {@link dev.memdesc.api.AddressSpace} documents. docs/conformance.md lists them beside the
 * scenarios of Linux that they cover. What a format declares that it does not have is asserted to
 * be refused. Each check has a limit of time ({@link Limited}).
 */
public abstract class BackendConformance {
  private final FormatBackend backend;

  /** For subclasses, which name their backend. */
  protected BackendConformance(FormatBackend backend) {
    this.backend = backend;
  }

  /** What the backend says of itself. */
  @TestFactory
  final Stream<DynamicNode> backend() {
    BackendChecks checks = new BackendChecks(backend);
    return checks.all().entrySet().stream()
        .map(
            check ->
                dynamicTest(
                    check.getKey(),
                    () -> Limited.run(backend.name(), check.getKey(), check.getValue())));
  }

  /** Every variant, one after the other. */
  @TestFactory
  final Stream<DynamicContainer> variants() {
    return backend.variants().stream()
        .map(
            format ->
                dynamicContainer(
                    format.name(),
                    checks().entrySet().stream()
                        .map(
                            check ->
                                dynamicTest(
                                    check.getKey(),
                                    () ->
                                        Limited.run(
                                            format.name(),
                                            check.getKey(),
                                            () ->
                                                check
                                                    .getValue()
                                                    .accept(new Subject(backend, format)))))));
  }

  private static Map<String, Consumer<Subject>> checks() {
    Map<String, Consumer<Subject>> checks = new LinkedHashMap<>();
    LayoutChecks.addTo(checks);
    CodecChecks.addTo(checks);
    MapChecks.addTo(checks);
    DirtyChecks.addTo(checks);
    RangeChecks.addTo(checks);
    ErrorChecks.addTo(checks);
    return checks;
  }
}
