package dev.memdesc.bench.jmh;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.bench.Subject;
import dev.memdesc.bench.engine.EngineBenchmark;
import dev.memdesc.bench.engine.EngineSubject;
import dev.memdesc.bench.engine.Meter;
import dev.memdesc.bench.engine.Question;
import dev.memdesc.bench.engine.Questions;
import dev.memdesc.bench.formats.BenchBackend;
import dev.memdesc.bench.twin.TwinCompiler;
import dev.memdesc.bench.twin.TwinLibrary;
import dev.memdesc.bench.twin.TwinSubject;
import dev.memdesc.core.BackendRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** A question that is asked of the engine or of a twin, cycle by cycle. */
final class Cycles implements AutoCloseable {
  /** The engine with no other format in the JVM. */
  static final String OURS = "ours";

  /** The engine after every other format was exercised. */
  static final String OURS_MANY_FORMATS = "ours-many-formats";

  private static final int WARM_UP_CYCLES = 2_000;

  private final List<Subject> open = new ArrayList<>();
  private final Question question;
  private final Subject subject;
  private int number;

  /**
   * Prepares it.
   *
   * @param name of the question
   * @param rival {@link #OURS}, {@link #OURS_MANY_FORMATS} or a {@link TwinCompiler.Variant}
   */
  Cycles(String name, String rival) {
    List<ArchBackend> backends = new ArrayList<>(BackendRegistry.discover(null).backends());
    backends.add(new BenchBackend());
    BackendRegistry registry = BackendRegistry.of(backends);
    TableFormat format = registry.select(EngineBenchmark.FORMAT).format();
    if (rival.equals(OURS_MANY_FORMATS)) {
      exerciseOthers(registry);
    }
    this.question = find(name, format);
    this.subject =
        rival.startsWith(OURS) ? EngineSubject.of(registry, format.name()) : twin(rival, format);
    open.add(subject);
    question.prepare(subject);
  }

  private static Question find(String name, TableFormat format) {
    return Questions.of(format).stream()
        .filter(asked -> asked.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void exerciseOthers(BackendRegistry registry) {
    for (ArchBackend backend : registry.backends()) {
      for (TableFormat other : backend.variants().stream().filter(Questions::fit).toList()) {
        for (Question asked : Questions.of(other)) {
          EngineSubject exercised = EngineSubject.of(registry, other.name());
          open.add(exercised);
          asked.prepare(exercised);
          for (int cycle = 0; cycle < WARM_UP_CYCLES / asked.rows().size(); cycle++) {
            asked.cycle(exercised, cycle, Meter.OFF);
          }
        }
      }
    }
  }

  private static TwinSubject twin(String variant, TableFormat format) {
    try {
      TwinLibrary library =
          TwinLibrary.load(
              variant,
              TwinCompiler.compile(
                  TwinCompiler.Variant.valueOf(variant),
                  Files.createTempDirectory("memdesc-twin")));
      return new TwinSubject(library, format, Attributes.USER_DATA);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use a temporary folder", e);
    }
  }

  /** The next cycle; returns its sum, to be consumed. */
  long next() {
    return question.cycle(subject, number++, Meter.OFF);
  }

  @Override
  public void close() {
    open.forEach(Subject::close);
  }
}
