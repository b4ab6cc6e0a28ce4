package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.function.Executable;

/** The sentences of {@link FormatBackend}, {@link ArchBackend} and {@link HardwareMemory}. */
final class BackendChecks {
  private final FormatBackend backend;
  private final Class<? extends FormatBackend> kind;

  BackendChecks(FormatBackend backend) {
    this.backend = backend;
    this.kind = backend instanceof ArchBackend ? ArchBackend.class : IommuBackend.class;
  }

  Map<String, Executable> all() {
    Map<String, Executable> checks = new LinkedHashMap<>();
    checks.put("it is found by ServiceLoader through a public constructor", this::isFound);
    checks.put("its name has lower case letters and digits", this::name);
    checks.put(
        "variants equal themselves at every call and have names of their own", this::variants);
    checks.put("it is stateless: another instance says the same", this::stateless);
    if (backend instanceof ArchBackend arch) {
      checks.put("the host's variant is one of them", () -> hostVariant(arch));
    }
    checks.put("a descriptor is new each time, and is that of every table", this::descriptors);
    if (backend instanceof ArchBackend arch) {
      checks.put("activation is a function of its arguments", () -> activation(arch));
    }
    checks.put("memory is words by pa, refuses what it has not and what is closed", this::memory);
    return checks;
  }

  private FormatBackend another() {
    try {
      return backend.getClass().getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      return fail("a backend has a public constructor without parameters", e);
    }
  }

  private void isFound() {
    assertThat(another()).isNotNull();
    // A plugin's jar has a class loader of its own.
    assertThat(
            ServiceLoader.load(kind, backend.getClass().getClassLoader()).stream()
                .map(ServiceLoader.Provider::type))
        .as("annotate it with @AutoService(%s.class)", kind.getSimpleName())
        .anyMatch(type -> type.equals(backend.getClass()));
  }

  private void name() {
    assertThat(backend.name()).matches("[a-z0-9]+(-[a-z0-9]+)*");
    if (backend instanceof ArchBackend arch) {
      assertThat(arch.hostArchNames()).isNotNull().doesNotContainNull();
    }
  }

  private void variants() {
    List<TableFormat> variants = backend.variants();
    assertThat(variants).isNotEmpty().isEqualTo(backend.variants());
    assertThat(variants).extracting(TableFormat::name).doesNotHaveDuplicates();
    for (TableFormat format : variants) {
      assertThat(format.name()).startsWith(backend.name() + "/");
      assertThat(format.toString()).isEqualTo(format.name());
    }
  }

  private void stateless() {
    FormatBackend other = another();
    assertThat(other.name()).isEqualTo(backend.name());
    assertThat(other.variants()).isEqualTo(backend.variants());
    if (backend instanceof ArchBackend arch && other instanceof ArchBackend otherArch) {
      assertThat(otherArch.hostArchNames()).isEqualTo(arch.hostArchNames());
    }
  }

  private static void hostVariant(ArchBackend backend) {
    for (Set<String> flags :
        List.of(Set.<String>of(), Set.of("la57", "pti", "fp"), Set.of("no such flag"))) {
      assertThat(backend.variants()).contains(backend.hostVariant(flags));
    }
  }

  private void descriptors() {
    TableDescriptor one = backend.newTableDescriptor();
    TableDescriptor other = backend.newTableDescriptor();
    assertThat(one).isNotSameAs(other);
    assertThat(one.state()).isEqualTo(TableState.FREE);
    for (TableFormat format : backend.variants()) {
      TestMachine machine = TestMachine.of(backend, format.name());
      AddressSpace space = machine.space();
      TableDescriptor root = machine.memdesc().descriptors().table(space.rootPa());
      assertThat(root).as(format.name()).hasSameClassAs(one);
      machine.checkAndClose();
    }
  }

  private void activation(ArchBackend arch) {
    for (TableFormat format : backend.variants()) {
      TestMachine machine = TestMachine.of(backend, format.name());
      AddressSpace space = machine.space();
      List<RegisterValue> values;
      try {
        values = arch.activation(format, space.rootPa(), 0);
      } catch (PageTableException e) {
        throw new AssertionError("a root that memdesc made can be activated: " + format, e);
      }
      assertThat(values).extracting(RegisterValue::name).doesNotHaveDuplicates();
      assertThat(((ArchBackend) another()).activation(format, space.rootPa(), 0)).isEqualTo(values);
      machine.checkAndClose();
    }
  }

  private void memory() {
    TestMachine machine = TestMachine.of(backend, backend.variants().getFirst().name());
    HardwareMemory memory = machine.memdesc().memory();
    long first = memory.firstPa();
    long last = first + memory.bytes() - Long.BYTES;
    assertThat(memory.frameLg2()).isEqualTo(machine.format().frameLg2());
    long old = memory.loadAcquire(last);
    memory.storeRelease(last, 0x0123_4567_89AB_CDEFL);
    assertThat(memory.loadAcquire(last)).isEqualTo(0x0123_4567_89AB_CDEFL);
    memory.fill(last - 8, 16, -1L);
    assertThat(memory.loadAcquire(last - 8)).isEqualTo(-1L);
    assertThat(memory.loadAcquire(last)).isEqualTo(-1L);
    assertThat(memory.loadAcquire(last - 16)).isZero();
    memory.fill(last - 8, 16, old);
    for (long outside : new long[] {last + 8, first - 8, Long.MIN_VALUE}) {
      Subject.refused(Reason.FOREIGN, () -> memory.loadAcquire(outside));
      Subject.refused(Reason.FOREIGN, () -> memory.storeRelease(outside, 0));
      Subject.refused(Reason.FOREIGN, () -> memory.fill(outside, 8, 0));
    }
    Subject.refused(Reason.FOREIGN, () -> memory.fill(last, 16, 0));
    machine.checkAndClose();
    Subject.refused(Reason.CLOSED, () -> memory.loadAcquire(first));
    Subject.refused(Reason.CLOSED, () -> memory.storeRelease(first, 0));
    Subject.refused(Reason.CLOSED, () -> memory.fill(first, 8, 0));
  }
}
