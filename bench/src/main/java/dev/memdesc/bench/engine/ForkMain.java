package dev.memdesc.bench.engine;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.bench.Subject;
import dev.memdesc.bench.formats.BenchBackend;
import dev.memdesc.bench.twin.TwinCompiler;
import dev.memdesc.bench.twin.TwinLibrary;
import dev.memdesc.bench.twin.TwinSubject;
import dev.memdesc.core.BackendRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A fork: a JVM of its own that answers the questions once and writes what it measured to a file.
 * {@link EngineBenchmark} starts it.
 */
final class ForkMain {
  private static final int OTHERS_PARTS = 2;

  /** With more formats than these, each is exercised for less time. */
  private static final int FULL_TIME_FORMATS = 10;

  private static final int LEAST_MILLIS = 30;

  private final ForkPlan plan;
  private final BackendRegistry registry;
  private final TableFormat format;
  private final List<TwinLibrary> libraries = new ArrayList<>();

  private ForkMain(ForkPlan plan) {
    this.plan = plan;
    List<ArchBackend> backends = new ArrayList<>(BackendRegistry.discover(null).backends());
    backends.add(new BenchBackend());
    this.registry = BackendRegistry.of(backends);
    this.format = registry.select(EngineBenchmark.FORMAT).format();
    for (TwinCompiler.Variant variant : TwinCompiler.Variant.values()) {
      Path library = plan.libraryOf(variant);
      if (Files.exists(library)) {
        libraries.add(TwinLibrary.load(variant.title(), library));
      }
    }
  }

  /** Runs one plan, whose folder is the only argument. */
  public static void main(String[] args) throws IOException {
    ForkPlan plan = ForkPlan.read(Path.of(args[0]));
    Files.writeString(plan.result(), new ForkMain(plan).run().toText());
  }

  private ForkResult run() {
    // Open until the end: a stamp whose last engine is gone takes its compiled code along.
    List<EngineSubject> open = new ArrayList<>();
    try {
      if (plan.manyFormats()) {
        warmUpOthers(open);
      }
      open.add(EngineSubject.of(registry, format.name()));
      ForkResult result = new ForkResult();
      for (Question question : Questions.of(format)) {
        if (plan.asks(question)) {
          answer(question, result);
        }
      }
      return result;
    } finally {
      open.forEach(EngineSubject::close);
    }
  }

  /** Runs all operations of all questions on every format, in turn and more than once. */
  private void warmUpOthers(List<EngineSubject> open) {
    long formats =
        registry.backends().stream()
            .flatMap(backend -> backend.variants().stream())
            .filter(Questions::fit)
            .count();
    long millis =
        Math.max(
            LEAST_MILLIS,
            (long) plan.warmUpMillis() * FULL_TIME_FORMATS / Math.max(formats, FULL_TIME_FORMATS));
    for (int part = 0; part < OTHERS_PARTS; part++) {
      for (ArchBackend backend : registry.backends()) {
        for (TableFormat other : backend.variants().stream().filter(Questions::fit).toList()) {
          open.add(EngineSubject.of(registry, other.name()));
          for (Question question : Questions.of(other)) {
            try (EngineSubject subject = EngineSubject.of(registry, other.name())) {
              new Trials(question, List.of(subject)).exercise((int) millis);
            }
          }
        }
      }
    }
  }

  private void answer(Question question, ForkResult result) {
    List<Subject> subjects = new ArrayList<>();
    try {
      subjects.add(EngineSubject.of(registry, format.name()));
      for (TwinLibrary library : libraries) {
        subjects.add(new TwinSubject(library, format, Attributes.USER_DATA));
      }
      Trials trials = new Trials(question, subjects);
      trials.warmUp(plan.warmUpMillis());
      trials.run(plan.trials(), plan.trialMillis());
      double[] heapBytes = trials.heapBytes();
      for (int row = 0; row < question.rows().size(); row++) {
        for (int subject = 0; subject < subjects.size(); subject++) {
          result.add(
              question.rows().get(row).name(),
              subject == 0 ? ForkResult.OURS : subjects.get(subject).name(),
              new ForkResult.Figure(
                  trials.nanos(row, subject),
                  trials.ratio(row, subject),
                  subject == 0 ? heapBytes[row] : 0));
        }
      }
    } finally {
      subjects.forEach(Subject::close);
    }
  }
}
