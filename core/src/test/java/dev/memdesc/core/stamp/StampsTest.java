package dev.memdesc.core.stamp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.engine.TinyFormat;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stamps: one per format, named after it, gone when unused. */
final class StampsTest {
  private static final TableFormat TINY = TinyFormat.FORMAT;

  private static TableFormat renamed(String name) {
    return new TableFormat(
        name,
        TINY.order(),
        TINY.frameLg2(),
        TINY.va(),
        TINY.paBits(),
        TINY.levels(),
        TINY.capabilities(),
        TINY.codec());
  }

  private static Memdesc machine(TableFormat format) {
    return Memdesc.builder()
        .registry(BackendRegistry.of(List.of(new TinyBackend(format))))
        .arch(format.name())
        .memoryBytes(1 << 16)
        .build();
  }

  @Test
  void stackTracesNameTheFormat() {
    try (Memdesc machine = machine(renamed("tiny/traced"));
        AddressSpace space = machine.newAddressSpace("traced");
        Gather gather = space.gather()) {
      StackTraceElement[] trace = new StackTraceElement[0];
      try {
        space.map(0, 0, 64, Attributes.USER_DATA, gather);
      } catch (RuntimeException e) {
        trace = e.getStackTrace();
      }
      assertThat(trace)
          .extracting(StackTraceElement::toString)
          .anyMatch(line -> line.startsWith("tiny/traced//dev.memdesc.core.engine.Engine.map("));
    }
  }

  @Test
  void aFormatHasOneStampHoweverManyMachines() {
    TableFormat format = renamed("tiny/shared");
    try (Memdesc one = machine(format);
        Memdesc other = machine(format)) {
      assertThat(engineClass(one)).isSameAs(engineClass(other)).isNotEqualTo(Object.class);
      try (Memdesc third = machine(renamed("tiny/other"))) {
        assertThat(engineClass(third)).isNotSameAs(engineClass(one));
      }
    }
  }

  private static Class<?> engineClass(Memdesc machine) {
    try (AddressSpace space = machine.newAddressSpace("probe")) {
      var field = space.getClass().getDeclaredField("engine");
      field.setAccessible(true);
      return field.get(space).getClass();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @Test
  void aStampIsUnloadedWhenNothingUsesIt() {
    WeakReference<ClassLoader> loader = useAndForget();
    assertThat(loader).satisfies(ref -> assertThat(collected(ref)).isTrue());
  }

  private static WeakReference<ClassLoader> useAndForget() {
    try (Memdesc machine = machine(renamed("tiny/forgotten"))) {
      ClassLoader loader = engineClass(machine).getClassLoader();
      assertThat(loader.getName()).isEqualTo("tiny/forgotten");
      return new WeakReference<>(loader);
    }
  }

  private static boolean collected(WeakReference<?> reference) {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (reference.get() != null && System.nanoTime() < deadline) {
      System.gc();
      Thread.onSpinWait();
    }
    return reference.get() == null;
  }
}
