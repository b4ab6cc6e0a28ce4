package dev.memdesc.core.engine;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageTableException;
import dev.memdesc.core.descriptor.StructureChecker;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableEngine;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * Model-checks the lock word: single pages mapped, unmapped and translated by two threads in the
 * same leaf tables behave as if one came after the other, also when a table has to be hooked first.
 * {@link UnlockedEngineLincheckTest} shows that the check can fail.
 */
final class EngineLincheckTest {
  static ModelCheckingOptions options() {
    return new ModelCheckingOptions()
        // Its 30 seconds are for a quiet machine: the first invocation instruments every class.
        .invocationTimeout$lincheck(TimeUnit.MINUTES.toMillis(10))
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(1)
        .minimizeFailedScenario(false)
        .iterations(5)
        // A waiter may go round while another thread gets frames, 30 at a time.
        .loopBound(1000)
        .invocationsPerIteration(120);
  }

  @Test
  void pagesOfOneTableAreMappedAndUnmappedAtomically() {
    options().check(Sound.class);
  }

  /** The operations, on an engine of the tiny format. */
  @Param(name = "page", gen = IntGen.class, conf = "3:4")
  public abstract static class Pages {
    private final TinyMachine machine;

    Pages(Function<EngineContext, TableEngine> engines) {
      this.machine = TinyMachine.unstamped(engines);
    }

    /** Whether the page was free. */
    @Operation
    public boolean map(@Param(name = "page") int page) {
      try (Gather gather = machine.space.gather()) {
        machine.space.map(page * 32L, page * 64L, 32, Attributes.of(Access.READ), gather);
        return true;
      } catch (PageTableException e) {
        return false;
      }
    }

    /** How many bytes were mapped. */
    @Operation
    public long unmap(@Param(name = "page") int page) {
      try (Gather gather = machine.space.gather()) {
        return machine.space.unmap(page * 32L, 32, gather);
      }
    }

    /** The pa, or -1. */
    @Operation
    public long translate(@Param(name = "page") int page) {
      return machine.space.translate(page * 32L, machine.reader());
    }

    /** At the end words, descriptors and counters agree: no count was lost. */
    @Validate
    public void valid() {
      List<String> violations =
          StructureChecker.check(machine.space, machine.memory, machine.descriptors);
      if (!violations.isEmpty()) {
        throw new IllegalStateException(violations.toString());
      }
    }
  }

  /** The engine as it is. */
  public static final class Sound extends Pages {
    /** For Lincheck. */
    public Sound() {
      super(Engine::new);
    }
  }
}
