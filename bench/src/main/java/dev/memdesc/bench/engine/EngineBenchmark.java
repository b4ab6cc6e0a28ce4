package dev.memdesc.bench.engine;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.bench.engine.EngineReport.Line;
import dev.memdesc.bench.engine.EngineReport.Rival;
import dev.memdesc.bench.engine.EngineReport.Spread;
import dev.memdesc.bench.engine.ForkResult.Figure;
import dev.memdesc.bench.formats.BenchBackend;
import dev.memdesc.bench.twin.TwinCompiler;
import dev.memdesc.core.BackendRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks how fast the engine is compared with the same job in C, and whether it stays so when other
 * formats are loaded.
 *
 * <p>Each fork is a JVM of its own with its own placement of memory and its own order of
 * compilation, and is asked one question, unless all of them are to be asked together: what C2
 * learnt from one is not what another one measures. Forks with one and with many formats take
 * turns. Only ratios of what ran in turn in one fork are compared: the machine may be shared.
 */
public final class EngineBenchmark {
  /** The format whose twin there is. */
  public static final String FORMAT = "x86/4-level";

  private static final int TRIALS = 30;
  private static final int QUICK_TRIALS = 8;
  private static final int TRIAL_MILLIS = 12;
  private static final int WARM_UP_MILLIS = 200;
  private static final int QUICK_WARM_UP_MILLIS = 100;

  private final int forks;
  private final boolean quick;
  private final @Nullable String only;
  private final boolean together;
  private final Consumer<String> progress;

  /**
   * A benchmark that has not run.
   *
   * @param forks how many JVMs of each kind
   * @param quick fewer and shorter trials, to see that it works
   * @param only the only question to ask; null for all
   * @param together whether a fork is asked every question, one after the other
   * @param progress is told what comes next, and at the end an empty text
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME} if there is no such question
   */
  public EngineBenchmark(
      int forks,
      boolean quick,
      @Nullable String only,
      boolean together,
      Consumer<String> progress) {
    this.forks = forks;
    this.quick = quick;
    this.only = only;
    this.together = together;
    this.progress = progress;
    List<String> names = questions().stream().map(Question::name).toList();
    if (only != null && !names.contains(only)) {
      throw PageTableException.because(Reason.UNKNOWN_NAME, "a question is one that exists")
          .with("question", only)
          .hint("there are " + String.join(", ", names))
          .build();
    }
  }

  private static List<Question> questions() {
    try (BackendRegistry registry = BackendRegistry.discover(null)) {
      return Questions.of(registry.select(FORMAT).format());
    }
  }

  private static int formats() {
    try (BackendRegistry registry = BackendRegistry.discover(null)) {
      List<TableFormat> all = new ArrayList<>(new BenchBackend().variants());
      registry.backends().forEach(backend -> all.addAll(backend.variants()));
      all.removeIf(format -> !Questions.fit(format));
      return all.size();
    }
  }

  /** Runs all forks, one after the other. */
  public EngineReport run() {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("memdesc-bench");
      return run(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use a temporary folder", e);
    } finally {
      Forks.delete(folder);
    }
  }

  private EngineReport run(Path folder) throws IOException {
    Optional<String> compiler = TwinCompiler.version();
    if (compiler.isPresent()) {
      for (TwinCompiler.Variant variant : TwinCompiler.Variant.values()) {
        TwinCompiler.compile(variant, folder);
      }
    }
    List<ForkResult> one = new ArrayList<>();
    List<ForkResult> many = new ArrayList<>();
    for (int fork = 1; fork <= forks; fork++) {
      ForkResult ofOne = new ForkResult();
      ForkResult ofMany = new ForkResult();
      for (String asked : together ? List.of(ForkPlan.EVERY_QUESTION) : names()) {
        String step = "fork " + fork + " of " + forks + ", " + asked + ", ";
        progress.accept(step + "one format");
        ofOne.addAll(Forks.run(plan(folder, asked, false)));
        progress.accept(step + formats() + " formats");
        ofMany.addAll(Forks.run(plan(folder, asked, true)));
      }
      one.add(ofOne);
      many.add(ofMany);
    }
    progress.accept("");
    List<Line> lines = new ArrayList<>();
    for (Question question : questions()) {
      if (names().contains(question.name())) {
        question.rows().forEach(row -> lines.add(line(question, row.name(), one, many)));
      }
    }
    return new EngineReport(FORMAT, compiler, forks, formats(), lines);
  }

  /** The questions to ask. */
  private List<String> names() {
    return only != null ? List.of(only) : questions().stream().map(Question::name).toList();
  }

  private ForkPlan plan(Path folder, String asked, boolean manyFormats) {
    return new ForkPlan(
        folder,
        only != null ? only : asked,
        manyFormats,
        quick ? QUICK_TRIALS : TRIALS,
        TRIAL_MILLIS,
        quick ? QUICK_WARM_UP_MILLIS : WARM_UP_MILLIS);
  }

  private static Line line(
      Question question, String row, List<ForkResult> one, List<ForkResult> many) {
    List<Rival> rivals = new ArrayList<>();
    for (TwinCompiler.Variant variant : TwinCompiler.Variant.values()) {
      List<Figure> figures = figures(one, row, variant.title());
      if (!figures.isEmpty()) {
        rivals.add(
            new Rival(
                variant.title(),
                Spread.of(figures.stream().map(Figure::nanos).toList()).median(),
                Spread.of(figures.stream().map(Figure::ratio).toList())));
      }
    }
    List<Figure> ours = figures(one, row, ForkResult.OURS);
    return new Line(
        question.name(),
        row,
        Spread.of(ours.stream().map(Figure::nanos).toList()).median(),
        ours.stream().mapToDouble(Figure::heapBytes).max().orElseThrow(),
        rivals,
        slowdown(row, one, many));
  }

  /** Fork by fork; a twin in both forks cancels out how fast the machine was at the time. */
  private static Spread slowdown(String row, List<ForkResult> one, List<ForkResult> many) {
    String twin = TwinCompiler.Variant.O2.title();
    List<Double> slowdowns = new ArrayList<>();
    for (int fork = 0; fork < one.size(); fork++) {
      Optional<Figure> rivalInOne = one.get(fork).figure(row, twin);
      Optional<Figure> rivalInMany = many.get(fork).figure(row, twin);
      slowdowns.add(
          rivalInOne.isPresent() && rivalInMany.isPresent()
              ? rivalInMany.get().ratio() / rivalInOne.get().ratio()
              : many.get(fork).figure(row, ForkResult.OURS).orElseThrow().nanos()
                  / one.get(fork).figure(row, ForkResult.OURS).orElseThrow().nanos());
    }
    return Spread.of(slowdowns);
  }

  private static List<Figure> figures(List<ForkResult> forks, String row, String subject) {
    return forks.stream().flatMap(fork -> fork.figure(row, subject).stream()).toList();
  }
}
