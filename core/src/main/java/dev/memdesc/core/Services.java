package dev.memdesc.core;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * What a class loader offers of a service: the one way in which backends, models of units, guests
 * and modules are found. A provider that cannot be loaded is set aside and named with its jar, and
 * all others are found all the same.
 *
 * @param found one new object of every provider that could be made
 * @param failures one for each that could not: {@link Reason#INCONSISTENT}
 */
public record Services<S>(List<S> found, List<PageTableException> failures) {
  static final String FOLDER = "META-INF/services/";

  /** A service file names classes; one of more bytes than this is not read. */
  static final int MOST_BYTES = 1 << 16;

  /** Copies the lists. */
  public Services {
    found = List.copyOf(found);
    failures = List.copyOf(failures);
  }

  /**
   * Finds the providers of a service.
   *
   * @throws PageTableException with {@link Reason#DUPLICATE_NAME} if two jars offer one class:
   *     {@link ServiceLoader} would take the first in silence, and a newer copy of what is already
   *     there would have no effect; {@link Reason#INCONSISTENT} if a service file is too large
   */
  public static <S> Services<S> load(Class<S> service, ClassLoader loader) {
    return load(service, loader, true);
  }

  static <S> Services<S> load(Class<S> service, ClassLoader loader, boolean once) {
    Map<String, String> jars = jarsOf(service, loader, once);
    List<S> found = new ArrayList<>();
    List<PageTableException> failures = new ArrayList<>();
    List<Throwable> nameless = new ArrayList<>();
    Deque<String> undelivered = new ArrayDeque<>(jars.keySet());
    Iterator<ServiceLoader.Provider<S>> providers =
        ServiceLoader.load(service, loader).stream().iterator();
    // Each failure uses up a name or a file, so this bounds a loader that fails for ever.
    int most = 2 * jars.size() + 2;
    while (nameless.size() < most) {
      ServiceLoader.Provider<S> provider;
      try {
        if (!providers.hasNext()) {
          break;
        }
        provider = providers.next();
      } catch (ServiceConfigurationError | LinkageError e) {
        nameless.add(e);
        continue;
      }
      Class<?> type = provider.type();
      undelivered.remove(type.getName());
      try {
        found.add(provider.get());
      } catch (ServiceConfigurationError | LinkageError | StackOverflowError e) {
        failures.add(failure(type.getName(), location(type), e));
      }
    }
    // The loader goes through the names in the order of the files, and so do these failures.
    for (Throwable e : nameless) {
      String name = undelivered.isEmpty() ? "unknown" : undelivered.remove();
      failures.add(failure(name, jars.getOrDefault(name, "unknown"), e));
    }
    return new Services<>(found, failures);
  }

  private static PageTableException failure(String name, String jar, Throwable e) {
    // The messages of these errors say little; what they were caused by says what is wrong.
    Throwable cause = e;
    while (cause.getCause() != null
        && (cause instanceof ServiceConfigurationError
            || cause instanceof ExceptionInInitializerError)) {
      cause = cause.getCause();
    }
    return PageTableException.because(Reason.INCONSISTENT, "every plugin must be one that loads")
        .with("class", name)
        .with("from", jar)
        .with("failure", said(cause))
        .hint("rebuild it, or take its jar out of the plugins folder")
        .build(e);
  }

  /** What a plugin's exception says; its message is code of the plugin, which may fail again. */
  static String said(Throwable e) {
    try {
      return e.toString();
    } catch (RuntimeException | LinkageError | StackOverflowError again) {
      return e.getClass().getName();
    }
  }

  /** The jar of each class that the service files name, in their order. */
  private static Map<String, String> jarsOf(Class<?> service, ClassLoader loader, boolean once) {
    Map<String, String> jars = new LinkedHashMap<>();
    try {
      Iterator<URL> files = loader.getResources(FOLDER + service.getName()).asIterator();
      while (files.hasNext()) {
        URL file = files.next();
        String jar = readable(file.toString());
        for (String name : names(file, jar)) {
          String other = jars.putIfAbsent(name, jar);
          if (other != null && once) {
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
    return jars;
  }

  private static List<String> names(URL file, String jar) throws IOException {
    byte[] text;
    try (InputStream in = file.openStream()) {
      text = in.readNBytes(MOST_BYTES + 1);
    }
    requireShort(text.length, jar, file.getFile());
    return new String(text, StandardCharsets.UTF_8)
        .lines()
        .map(line -> (line.contains("#") ? line.substring(0, line.indexOf('#')) : line).trim())
        .filter(line -> !line.isEmpty())
        .distinct()
        .toList();
  }

  /** Refuses a service file that no list of classes is so long as. */
  static void requireShort(int bytesRead, String jar, String entry) {
    if (bytesRead > MOST_BYTES) {
      throw PageTableException.because(
              Reason.INCONSISTENT, "a service file must have at most " + MOST_BYTES + " bytes")
          .with("file", jar)
          .with("entry", entry.substring(entry.lastIndexOf('/') + 1))
          .hint("rebuild it, or take it out of the plugins folder")
          .build();
    }
  }

  /** The jar or folder that a class was loaded from, for messages. */
  static String location(Class<?> type) {
    CodeSource code = type.getProtectionDomain().getCodeSource();
    return code == null || code.getLocation() == null
        ? type.getName()
        : readable(code.getLocation().toString());
  }

  /** The file in a URL such as {@code jar:file:/a/b.jar!/META-INF/...}. */
  private static String readable(String url) {
    String file = url.startsWith("jar:") ? url.substring(4) : url;
    int inside = file.indexOf("!/");
    file = inside < 0 ? file : file.substring(0, inside);
    int services = file.lastIndexOf(FOLDER);
    file = services < 0 ? file : file.substring(0, services);
    return file.startsWith("file:") ? Path.of(URI.create(file)).toString() : file;
  }
}
