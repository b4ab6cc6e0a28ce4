package dev.memdesc.cli;

import dev.memdesc.core.BackendRegistry;
import java.nio.file.Path;

/** The backends that the tool has: those on its class path and in its plugins folder. */
public final class Backends {
  /** The system property that names the plugins folder; the launcher sets it. */
  public static final String PLUGINS_PROPERTY = "memdesc.plugins";

  private Backends() {}

  /** Finds them. Throws as {@link BackendRegistry#discover}; close the result. */
  public static BackendRegistry discover() {
    String plugins = System.getProperty(PLUGINS_PROPERTY);
    return BackendRegistry.discover(plugins == null ? null : Path.of(plugins));
  }
}
