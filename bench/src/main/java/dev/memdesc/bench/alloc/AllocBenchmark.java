package dev.memdesc.bench.alloc;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.bench.alloc.AllocReport.Line;
import dev.memdesc.bench.alloc.AllocReport.Rival;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks how fast fragments are beside Netty, malloc and liburcu, in several JVMs. */
public final class AllocBenchmark {
  private static final int TRIALS = 30;
  private static final int QUICK_TRIALS = 5;

  private final Class<?> fork;
  private final int forks;
  private final boolean quick;
  private final List<? extends SpeedQuestion> questions;
  private final Consumer<String> progress;

  /**
   * A benchmark that has not run.
   *
   * @param all the questions there are
   * @param fork the main class that answers them, with {@link AllocFork#run}
   * @param only the only question to ask; null for all
   * @param progress is told what comes next, and at the end an empty text
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME} if there is no such question
   */
  public AllocBenchmark(
      List<? extends SpeedQuestion> all,
      Class<?> fork,
      int forks,
      boolean quick,
      @Nullable String only,
      Consumer<String> progress) {
    this.fork = fork;
    this.forks = forks;
    this.quick = quick;
    this.progress = progress;
    this.questions =
        all.stream().filter(question -> only == null || question.title().equals(only)).toList();
    if (only != null && questions.isEmpty()) {
      throw PageTableException.because(Reason.UNKNOWN_NAME, "a question is one that exists")
          .with("question", only)
          .hint(
              "there are "
                  + all.stream().map(SpeedQuestion::title).collect(Collectors.joining(", ")))
          .build();
    }
  }

  /** The benchmark of fragments, as the constructor. */
  public static AllocBenchmark ofFragments(
      int forks, boolean quick, @Nullable String only, Consumer<String> progress) {
    return new AllocBenchmark(
        List.of(AllocQuestion.values()), AllocFork.class, forks, quick, only, progress);
  }

  /** Runs all forks, one after the other. */
  public AllocReport run() {
    try {
      Path folder = Files.createTempDirectory("memdesc-alloc");
      try {
        return run(folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use a temporary folder", e);
    }
  }

  private AllocReport run(Path folder) throws IOException {
    List<String> missing = new ArrayList<>();
    for (NativeSources source : NativeSources.values()) {
      if (!source.compile(folder)) {
        missing.add(source.needs());
      }
    }
    List<String[]> found = new ArrayList<>();
    for (int i = 1; i <= forks; i++) {
      progress.accept("fork " + i + " of " + forks);
      found.addAll(fork(folder));
    }
    progress.accept("");
    return new AllocReport(
        forks, missing, questions.stream().map(question -> line(question, found)).toList());
  }

  private List<String[]> fork(Path folder) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xms512m",
                "-Xmx512m",
                "-Dio.netty.leakDetection.level=disabled",
                "-Dio.netty.allocator.useCacheForAllThreads=true",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath(),
                fork.getName(),
                folder.toString(),
                Integer.toString(quick ? QUICK_TRIALS : TRIALS)));
    questions.forEach(question -> command.add(question.title()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // From the start, where a program linked with it has liburcu's thread-local variables.
    builder.environment().put("LD_PRELOAD", NativeSources.preload(folder));
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(
            "a fork of the benchmark ends well: exit=%d, output=%s".formatted(code, text));
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the benchmark is not interrupted", e);
    }
    return Files.readAllLines(folder.resolve(AllocFork.RESULT)).stream()
        .map(line -> line.split("\t", -1))
        .toList();
  }

  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Line line(SpeedQuestion question, List<String[]> found) {
    Map<String, List<String[]>> sides = new LinkedHashMap<>();
    for (String[] fields : found) {
      if (fields[0].equals(question.title())) {
        sides.computeIfAbsent(fields[1], _ -> new ArrayList<>()).add(fields);
      }
    }
    List<Rival> rivals = new ArrayList<>();
    sides.forEach(
        (name, of) -> {
          if (!name.equals(FragmentSides.OURS)) {
            double[] ratios = column(of, 3);
            rivals.add(
                new Rival(
                    name,
                    AllocFork.median(column(of, 2)),
                    AllocFork.median(ratios),
                    Arrays.stream(ratios).min().orElseThrow(),
                    Arrays.stream(ratios).max().orElseThrow()));
          }
        });
    List<String[]> ours = sides.getOrDefault(FragmentSides.OURS, List.of());
    return new Line(
        question.title(),
        question.row(),
        AllocFork.median(column(ours, 2)),
        Arrays.stream(column(ours, 4)).max().orElseThrow(),
        rivals);
  }

  private static double[] column(List<String[]> lines, int field) {
    return lines.stream().mapToDouble(fields -> Double.parseDouble(fields[field])).toArray();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
