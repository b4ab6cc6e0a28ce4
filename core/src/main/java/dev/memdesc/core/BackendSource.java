package dev.memdesc.core;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.FormatBackend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Where backends come from: the class path, and the jars of a folder in one child class loader, so
 * that a plugin may bring several jars.
 */
final class BackendSource {
  private static final String SERVICES = "META-INF/services/";

  private final ClassLoader loader;
  private final @Nullable URLClassLoader plugins;

  private BackendSource(ClassLoader loader, @Nullable URLClassLoader plugins) {
    this.loader = loader;
    this.plugins = plugins;
  }

  static BackendSource open(@Nullable Path pluginsDir, ClassLoader classPath) {
    List<Path> jars = pluginsDir == null ? List.of() : jars(pluginsDir);
    if (jars.isEmpty()) {
      return new BackendSource(classPath, null);
    }
    URL[] urls = jars.stream().map(BackendSource::checkedUrl).toArray(URL[]::new);
    URLClassLoader plugins = new URLClassLoader("memdesc plugins", urls, classPath);
    return new BackendSource(plugins, plugins);
  }

  /** Finds the classes of the class path and of the plugins. */
  ClassLoader loader() {
    return loader;
  }

  /** One new object of every backend of a kind. */
  <B extends FormatBackend> List<B> load(Class<B> kind) {
    if (plugins != null) {
      requireEachClassOnce(plugins, SERVICES + kind.getName());
    }
    List<B> found = new ArrayList<>();
    Iterator<B> providers = ServiceLoader.load(kind, loader).iterator();
    try {
      while (providers.hasNext()) {
        found.add(providers.next());
      }
    } catch (ServiceConfigurationError | LinkageError e) {
      // The message of either names the class; the cause says what is wrong with it.
      Throwable cause = e.getCause();
      throw PageTableException.because(Reason.INCONSISTENT, "every backend can be loaded")
          .with("failure", cause == null ? e : e.getMessage() + ": " + cause)
          .hint("rebuild it, or take its jar out of the plugins folder")
          .build(e);
    }
    return found;
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

  /** The jar or folder that a class was loaded from, for messages. */
  static String location(Class<?> type) {
    CodeSource code = type.getProtectionDomain().getCodeSource();
    return code == null || code.getLocation() == null
        ? type.getName()
        : readable(code.getLocation().toString());
  }

  /**
   * Refuses two jars that offer the same class. {@link ServiceLoader} would take the first in
   * silence: a newer copy of a backend that is already there would have no effect.
   */
  private static void requireEachClassOnce(ClassLoader loader, String serviceFile) {
    Map<String, String> jarOfClass = new HashMap<>();
    try {
      Enumeration<URL> files = loader.getResources(serviceFile);
      while (files.hasMoreElements()) {
        URL file = files.nextElement();
        for (String name : providerNames(file)) {
          String jar = readable(file.toString());
          String other = jarOfClass.putIfAbsent(name, jar);
          if (other != null) {
            throw PageTableException.because(Reason.DUPLICATE_NAME, "a backend is in one jar")
                .with("class", name)
                .with("one", other)
                .with("other", jar)
                .hint("remove one of them")
                .build();
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> providerNames(URL serviceFile) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(serviceFile.openStream(), StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .map(line -> (line.contains("#") ? line.substring(0, line.indexOf('#')) : line).trim())
          .filter(line -> !line.isEmpty())
          .distinct()
          .toList();
    }
  }

  private static List<Path> jars(Path dir) {
    if (!Files.isDirectory(dir)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(dir)) {
      // Sorted, so that messages and the order of classes do not depend on the file system.
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A class loader passes over what it cannot open, so that is found out before. */
  private static URL checkedUrl(Path jar) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return Path.of(zip.getName()).toUri().toURL();
    } catch (IOException e) {
      throw PageTableException.because(Reason.INCONSISTENT, "a plugin is a jar that can be read")
          .with("file", jar)
          .with("failure", String.valueOf(e.getMessage()))
          .hint("rebuild it, or take it out of the plugins folder")
          .build(e);
    }
  }

  /** The file in a URL such as {@code jar:file:/a/b.jar!/META-INF/...}. */
  private static String readable(String url) {
    String file = url.startsWith("jar:") ? url.substring(4) : url;
    int inside = file.indexOf("!/");
    file = inside < 0 ? file : file.substring(0, inside);
    int services = file.lastIndexOf(SERVICES);
    file = services < 0 ? file : file.substring(0, services);
    return file.startsWith("file:") ? Path.of(URI.create(file)).toString() : file;
  }
}
