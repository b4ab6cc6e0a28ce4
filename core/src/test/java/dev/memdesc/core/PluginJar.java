package dev.memdesc.core;

import dev.memdesc.api.spi.ArchBackend;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes a real plugin of a test class, and a class path without that class. */
final class PluginJar {
  private static final Set<String> ONLY_IN_JARS =
      Set.of(
          PluginBackend.class.getName(),
          RivalPluginBackend.class.getName(),
          BrokenPluginBackend.class.getName(),
          FakeBackend.class.getName(),
          FakeBackend.class.getName() + "$NoCodec");

  private PluginJar() {}

  /** A jar with the class, what it needs, and the service file that names it. */
  static Path write(Path jar, Class<?> backend) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      put(zip, "META-INF/services/" + ArchBackend.class.getName(), bytes(backend.getName()));
      for (String name :
          new String[] {
            backend.getName(), FakeBackend.class.getName(), FakeBackend.class.getName() + "$NoCodec"
          }) {
        put(zip, name.replace('.', '/') + ".class", classFile(name));
      }
    }
    return jar;
  }

  /** A jar with a service file that names a class which is nowhere. */
  static void writeService(Path jar, String className) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      put(zip, "META-INF/services/" + ArchBackend.class.getName(), bytes(className));
    }
  }

  /** A jar with a service file of another service. */
  static void writeService(Path jar, Class<?> service, Class<?> provider) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      put(zip, "META-INF/services/" + service.getName(), bytes(provider.getName()));
    }
  }

  /** The test's class path without the classes that are to come from jars. */
  static ClassLoader classPath() {
    return new ClassLoader(PluginJar.class.getClassLoader()) {
      @Override
      protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (ONLY_IN_JARS.contains(name)) {
          throw new ClassNotFoundException(name);
        }
        return super.loadClass(name, resolve);
      }
    };
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] bytes(String line) {
    return ("# a comment\n" + line + " # another\n").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] classFile(String name) {
    String path = "/" + name.replace('.', '/') + ".class";
    try (InputStream in = PluginJar.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("no class file: " + path);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
