package dev.memdesc.examples.riscv;

import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.core.BackendRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** The example as what a user has of it: a jar in a folder of plugins. */
final class Plugin {
  private Plugin() {}

  /** Packs the classes into a jar in a folder. */
  static void pack(Path plugins) {
    Path classes = Path.of("target", "classes").toAbsolutePath();
    try (OutputStream out = Files.newOutputStream(plugins.resolve("riscv.jar"));
        JarOutputStream jar = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        jar.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, jar);
        jar.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The backend from its jar, which is looked into again for each class that is needed. */
  static ArchBackend backend() {
    try {
      Path plugins = Files.createTempDirectory(Path.of("target"), "plugins");
      pack(plugins);
      return BackendRegistry.discover(plugins).backends().getFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
