package dev.memdesc.bench.engine;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts forks: this JVM's program, class path and flags, in a process of its own. */
final class Forks {
  private Forks() {}

  /**
   * Runs a fork to its end.
   *
   * @throws IllegalStateException with what it said if it failed
   */
  static ForkResult run(ForkPlan plan) throws IOException {
    plan.write();
    Files.deleteIfExists(plan.result());
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process =
        new ProcessBuilder(
                List.of(
                    java.toString(),
                    "-XX:+UseSerialGC",
                    "-Xms256m",
                    "-Xmx256m",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    classPath(),
                    ForkMain.class.getName(),
                    plan.folder().toString()))
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = waitFor(process);
    if (code != 0) {
      throw new IllegalStateException(
          "a fork of the benchmark ends well: exit=%d, output=%s".formatted(code, text));
    }
    return ForkResult.ofText(Files.readString(plan.result()));
  }

  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .reduce((one, other) -> one + File.pathSeparator + other)
        .orElseThrow();
  }

  private static int waitFor(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the benchmark is not interrupted", e);
    }
  }

  /** Deletes a folder of files, if there is one. */
  static void delete(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }
}
