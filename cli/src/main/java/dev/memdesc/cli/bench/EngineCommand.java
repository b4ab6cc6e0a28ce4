package dev.memdesc.cli.bench;

import dev.memdesc.bench.engine.EngineBenchmark;
import dev.memdesc.bench.engine.EngineReport;
import dev.memdesc.bench.engine.OperationCounts;
import dev.memdesc.cli.Backends;
import dev.memdesc.cli.CommonOptions;
import dev.memdesc.cli.output.JsonOutput;
import dev.memdesc.core.BackendRegistry;
import java.io.Console;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code memdesc bench engine}: map, unmap and translate against the same job in C. */
@Command(
    name = "engine",
    description = {
      "Measure map, unmap and translate against the same job in C, and count what they do.",
      "Ratios are of runs that take turns in one JVM, medians over several JVMs: they hold on a"
          + " machine that does other things too. Counts are exact."
    },
    mixinStandardHelpOptions = true)
final class EngineCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @Option(
      names = "--forks",
      paramLabel = "N",
      description =
          "JVMs that measure each question with one format, and as many with all (default 5).")
  private int forks = 5;

  @Option(names = "--quick", description = "Few and short trials, to see that it works.")
  private boolean quick;

  @Option(
      names = "--question",
      paramLabel = "NAME",
      description = "Only this one: contiguous, existing, pages, translate or mixed.")
  private @Nullable String question;

  @Option(
      names = "--together",
      description =
          "Every JVM is asked all questions, one after the other, instead of one: what a program"
              + " that does everything sees.")
  private boolean together;

  @Option(names = "--counts", description = "Only the counts, which need no measuring.")
  private boolean counts;

  @Override
  public Integer call() {
    if (forks < 1) {
      throw new ParameterException(spec.commandLine(), "at least one JVM measures: forks=" + forks);
    }
    PrintWriter out = spec.commandLine().getOut();
    EngineBenchmark benchmark =
        new EngineBenchmark(forks, quick, question, together, this::showProgress);
    List<OperationCounts.Line> counted;
    try (BackendRegistry registry = Backends.discover()) {
      counted =
          OperationCounts.of(registry.backends(), EngineBenchmark.FORMAT).stream()
              .filter(line -> question == null || line.question().equals(question))
              .toList();
    }
    @Nullable EngineReport report = counts ? null : benchmark.run();
    if (options.json()) {
      JsonOutput.print(out, EngineOutput.json(report, counted));
    } else {
      EngineOutput.print(out, report, counted);
    }
    out.flush();
    return 0;
  }

  private void showProgress(String step) {
    if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()) {
      PrintWriter err = spec.commandLine().getErr();
      err.print("\r\u001b[K" + step);
      err.print(step.isEmpty() ? "\r" : " ...");
      err.flush();
    }
  }
}
