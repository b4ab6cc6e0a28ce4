package dev.memdesc.bench.alloc;

import dev.memdesc.bench.twin.TwinCompiler;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rivals in C: compiled where they run. What is missing is said; in CI it is a failure. */
public enum NativeSources {
  /** glibc's malloc and memset. */
  ALLOC("alloc.c", "gcc", "-lpthread"),
  /** liburcu's call_rcu. */
  DEFER("defer.c", "liburcu and its headers", "-lurcu-memb -lpthread"),
  /** liburcu's readers and callbacks with membarrier. */
  URCU_MEMB(
      "urcu_memb.c",
      "liburcu and its headers",
      NativeSources.TLS_OF_A_PROGRAM + "-lurcu-memb -lpthread"),
  /** liburcu's readers with quiescent states. */
  URCU_QSBR(
      "urcu_qsbr.c",
      "liburcu and its headers",
      NativeSources.TLS_OF_A_PROGRAM + "-lurcu-qsbr -lpthread");

  /**
   * Without it a reader in a shared library calls a function to find its slot, five times slower.
   */
  private static final String TLS_OF_A_PROGRAM = "-ftls-model=initial-exec ";

  private static final int TIMEOUT_SECONDS = 600;

  private final String source;
  private final String needs;
  private final String libraries;

  NativeSources(String source, String needs, String libraries) {
    this.source = source;
    this.needs = needs;
    this.libraries = libraries;
  }

  /** What a machine must have to compile it. */
  String needs() {
    return needs;
  }

  /** Where {@link #compile} puts it. */
  public Path library(Path folder) {
    return folder.resolve(source + ".so");
  }

  /** What a fork's linker loads first, for {@code LD_PRELOAD}; empty if nothing was compiled. */
  static String preload(Path folder) {
    return Stream.of(URCU_MEMB, URCU_QSBR)
        .map(source -> source.library(folder))
        .filter(Files::exists)
        .map(Path::toString)
        .collect(Collectors.joining(":"));
  }

  /**
   * Compiles it.
   *
   * @return whether it could be
   * @throws IllegalStateException if it could not, in continuous integration
   */
  boolean compile(Path folder) {
    String said;
    try (InputStream in = NativeSources.class.getResourceAsStream(source)) {
      if (in == null) {
        throw new IllegalStateException("the jar has the source of a rival: name=" + source);
      }
      Path file = folder.resolve(source);
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      List<String> command = new ArrayList<>(List.of("gcc", "-std=gnu11", "-O2", "-fPIC"));
      command.addAll(List.of("-shared", "-o", library(folder).toString(), file.toString()));
      command.addAll(List.of(libraries.split(" ", -1)));
      said = run(command);
    } catch (IOException e) {
      said = e.toString();
    }
    if (said.isEmpty()) {
      return true;
    }
    requireUnneeded(said, System.getenv());
    return false;
  }

  /** A rival that is missing is an error where TwinCompiler says so. */
  void requireUnneeded(String said, Map<String, String> environment) {
    if (TwinCompiler.isRequired(environment)) {
      throw new IllegalStateException(
          "rivals are compiled in continuous integration: needs=%s, said=%s"
              .formatted(needs, said));
    }
  }

  /** What the compiler said if it failed, or nothing. */
  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
        return "";
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException("the benchmark is not interrupted", new IOException(e));
    }
    return text.isEmpty() ? "no answer from " + command : text;
  }
}
