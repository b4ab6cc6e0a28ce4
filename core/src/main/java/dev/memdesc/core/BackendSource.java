package dev.memdesc.core;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Where plugins come from: the class path, and the jars of a folder in one child class loader, so
 * that a plugin may bring several jars. A jar that cannot be read is set aside.
 */
final class BackendSource {
  private static final String MANIFEST = "META-INF/MANIFEST.MF";
  private static final int MOST_MANIFEST_BYTES = 1 << 20;

  private final ClassLoader loader;
  private final @Nullable URLClassLoader plugins;
  private final List<PageTableException> failures;

  private BackendSource(
      ClassLoader loader, @Nullable URLClassLoader plugins, List<PageTableException> failures) {
    this.loader = loader;
    this.plugins = plugins;
    this.failures = failures;
  }

  static BackendSource open(@Nullable Path pluginsDir, ClassLoader classPath) {
    List<URL> urls = new ArrayList<>();
    List<PageTableException> failures = new ArrayList<>();
    for (Path jar : pluginsDir == null ? List.<Path>of() : jars(pluginsDir)) {
      try {
        urls.add(checkedUrl(jar));
      } catch (PageTableException e) {
        failures.add(e);
      }
    }
    if (urls.isEmpty()) {
      return new BackendSource(classPath, null, failures);
    }
    URLClassLoader plugins =
        new URLClassLoader("memdesc plugins", urls.toArray(URL[]::new), classPath);
    return new BackendSource(plugins, plugins, failures);
  }

  /** Finds the classes of the class path and of the plugins. */
  ClassLoader loader() {
    return loader;
  }

  /** The jars that could not be read. */
  List<PageTableException> failures() {
    return failures;
  }

  /** What there is of a service. A class that is twice on the class path alone is no plugin's. */
  <S> Services<S> load(Class<S> service) {
    return Services.load(service, loader, plugins != null);
  }

  void close() {
    try {
      if (plugins != null) {
        plugins.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> jars(Path dir) {
    if (!Files.isDirectory(dir)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(dir)) {
      // Sorted, so that messages and the order of classes do not depend on the file system.
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw PageTableException.because(Reason.INCONSISTENT, "the plugins folder must be readable")
          .with("folder", dir)
          .with("failure", String.valueOf(e.getMessage()))
          .build(e);
    }
  }

  /**
   * A class loader passes over what it cannot open, waits for ever for a pipe, and reads what
   * describes a jar into memory whole, so that is all looked at before.
   */
  private static URL checkedUrl(Path jar) {
    if (!Files.isRegularFile(jar)) {
      throw unreadable(jar, Files.isDirectory(jar) ? "it is a folder" : "it is no file", null);
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (entry.getName().startsWith(Services.FOLDER) && !entry.isDirectory()) {
          int read = bytes(zip, entry, Services.MOST_BYTES);
          Services.requireShort(read, jar.toString(), entry.getName());
        } else if (entry.getName().equalsIgnoreCase(MANIFEST)
            && bytes(zip, entry, MOST_MANIFEST_BYTES) > MOST_MANIFEST_BYTES) {
          throw unreadable(jar, "its manifest has more than a MiB", null);
        }
      }
      return jar.toAbsolutePath().toUri().toURL();
    } catch (IOException e) {
      throw unreadable(jar, String.valueOf(e.getMessage()), e);
    }
  }

  /** How many bytes an entry has, at most one more than {@code most}, whatever its header says. */
  private static int bytes(ZipFile zip, ZipEntry entry, int most) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readNBytes(most + 1).length;
    }
  }

  private static PageTableException unreadable(Path jar, String why, @Nullable Throwable cause) {
    return PageTableException.because(Reason.INCONSISTENT, "a plugin is a jar that can be read")
        .with("file", jar)
        .with("failure", why)
        .hint("rebuild it, or take it out of the plugins folder")
        .build(cause);
  }
}
