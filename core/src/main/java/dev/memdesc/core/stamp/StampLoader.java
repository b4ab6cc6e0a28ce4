package dev.memdesc.core.stamp;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableEngine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;

/**
 * Defines the package {@code core.engine} again for one format. The loader has the format's name,
 * so stack traces and profilers show which copy they are in; the classes have the code source of
 * core, so coverage tools see them.
 */
public final class StampLoader extends ClassLoader {
  static final String PACKAGE = "dev.memdesc.core.engine.";

  static {
    registerAsParallelCapable();
  }

  private final TableFormat format;
  private final MemoryKind memory;
  private final boolean counting;

  StampLoader(TableFormat format, MemoryKind memory, boolean counting) {
    super(format.name(), TableEngine.class.getClassLoader());
    this.format = format;
    this.memory = memory;
    this.counting = counting;
  }

  /** A new engine of this copy. */
  TableEngine newEngine(EngineContext context) {
    try {
      return (TableEngine)
          loadClass(PACKAGE + "Engine").getConstructor(EngineContext.class).newInstance(context);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new AssertionError("the engine of " + format + " threw a checked exception", e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the engine cannot be stamped for " + format, e);
    }
  }

  /** The format that this copy of the engine is for. */
  public TableFormat format() {
    return format;
  }

  /** The memory that this copy works on. */
  public MemoryKind memory() {
    return memory;
  }

  /** Whether this copy reports to {@link MemoryCounts}. */
  public boolean counting() {
    return counting;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(PACKAGE)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    String file = name.replace('.', '/') + ".class";
    try (InputStream in = getParent().getResourceAsStream(file)) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length, TableEngine.class.getProtectionDomain());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
