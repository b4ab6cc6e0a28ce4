package dev.memdesc.bench.twin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Compiles the twin with the compiler of the machine it runs on. */
public final class TwinCompiler {
  /** The ways to compile it. */
  public enum Variant {
    /** As a kernel has it: each access to an entry happens as it is written. */
    O2("C -O2", "-O2 -DTWIN_VOLATILE"),
    /** The most that the compiler can do. */
    O3_NATIVE("C -O3 native", "-O3 -march=native"),
    /** As a kernel has it, with the engine's lock on leaf tables: what the lock alone costs. */
    O2_LOCKED("C -O2 locked", "-O2 -DTWIN_VOLATILE -DTWIN_LOCK");

    private final String title;
    private final String options;

    Variant(String title, String options) {
      this.title = title;
      this.options = options;
    }

    /** For column titles. */
    public String title() {
      return title;
    }
  }

  /** Set in continuous integration, where a rival that is missing is an error. */
  private static final String CI_VARIABLE = "CI";

  private static final String SOURCE = "twin.c";
  private static final String COMPILER = "gcc";
  private static final int TIMEOUT_SECONDS = 600;

  private TwinCompiler() {}

  /** The first line of {@code gcc --version}; nothing if there is no gcc. */
  public static Optional<String> version() {
    try {
      Process process = new ProcessBuilder(COMPILER, "--version").redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return finished(process) && process.exitValue() == 0 ? text.lines().findFirst() : none();
    } catch (IOException e) {
      return none();
    }
  }

  private static Optional<String> none() {
    if (isRequired(System.getenv())) {
      throw new IllegalStateException(
          "the C twin is compiled in continuous integration: compiler=" + COMPILER + ", CI=true");
    }
    return Optional.empty();
  }

  /** Whether a rival that is missing is an error in this environment. */
  public static boolean isRequired(Map<String, String> environment) {
    return "true".equals(environment.get(CI_VARIABLE));
  }

  /** Where {@link #compile} puts a variant. */
  public static Path library(Variant variant, Path folder) {
    return folder.resolve("twin-" + variant + ".so");
  }

  /**
   * Compiles one variant.
   *
   * @param folder where the library goes; it stays there as long as it is used
   * @throws IllegalStateException with what the compiler said
   * @throws UncheckedIOException if it cannot be run or files cannot be written
   */
  public static Path compile(Variant variant, Path folder) {
    Path source = folder.resolve(SOURCE);
    Path library = library(variant, folder);
    try (InputStream in = TwinCompiler.class.getResourceAsStream(SOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the jar has the twin's source: name=" + SOURCE);
      }
      Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
      List<String> command = new ArrayList<>(List.of(COMPILER, "-std=gnu11", "-fPIC", "-shared"));
      command.addAll(List.of(variant.options.split(" ", -1)));
      command.addAll(List.of("-o", library.toString(), source.toString()));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!finished(process) || process.exitValue() != 0) {
        throw new IllegalStateException(
            "the C twin compiles: command=%s, output=%s".formatted(command, text));
      }
      return library;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compile the C twin in " + folder, e);
    }
  }

  private static boolean finished(Process process) {
    try {
      return process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
