package dev.memdesc.cli;

import dev.memdesc.api.PageTableException;
import dev.memdesc.core.BackendRegistry;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The backends that the tool has: those on its class path and in its plugins folder. */
public final class Backends {
  /** The system property that names the plugins folder; the launcher sets it. */
  public static final String PLUGINS_PROPERTY = "memdesc.plugins";

  /** Who hears of each plugin that is set aside, while a command runs. */
  static final ScopedValue<Consumer<PageTableException>> SET_ASIDE = ScopedValue.newInstance();

  private Backends() {}

  /** Finds them. Throws as {@link BackendRegistry#discover}; close the result. */
  public static BackendRegistry discover() {
    String plugins = System.getProperty(PLUGINS_PROPERTY);
    BackendRegistry registry = BackendRegistry.discover(plugins == null ? null : Path.of(plugins));
    if (SET_ASIDE.isBound()) {
      registry.failures().forEach(SET_ASIDE.get());
    }
    return registry;
  }
}
