package dev.memdesc.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.Module;
import com.google.inject.multibindings.OptionalBinder;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.core.memory.FrameTableMemory;
import dev.memdesc.core.memory.TableMemoryPolicy;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin replaces what core binds by offering a Guice module through a service file. */
final class PluginModuleTest {
  private static final AtomicInteger MADE = new AtomicInteger();

  @TempDir private Path dir;

  /** Binds another policy of table memory: one that counts. */
  public static final class CountingModule extends AbstractModule {
    /** Called by the service loader. */
    public CountingModule() {}

    @Override
    protected void configure() {
      OptionalBinder.newOptionalBinder(binder(), TableMemoryPolicy.class)
          .setBinding()
          .toInstance(
              parts -> {
                MADE.incrementAndGet();
                return new FrameTableMemory(parts);
              });
    }
  }

  private static void useAMachine(Path plugins) {
    BackendRegistry registry = BackendRegistry.discover(plugins, PluginJar.classPath());
    try (Memdesc machine = Memdesc.builder().registry(registry).arch("plug/one").build();
        AddressSpace space = machine.newAddressSpace("plugged")) {
      assertThat(space.counts().linked()).isEqualTo(1);
    }
  }

  @Test
  void aModuleOfAPluginReplacesTableMemory() throws Exception {
    PluginJar.write(dir.resolve("plug.jar"), PluginBackend.class);
    MADE.set(0);
    useAMachine(dir);
    assertThat(MADE).hasValue(0);
    PluginJar.writeService(dir.resolve("module.jar"), Module.class, CountingModule.class);
    useAMachine(dir);
    assertThat(MADE).hasValue(1);
  }
}
