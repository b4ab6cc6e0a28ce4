package dev.memdesc.cli.bench;

import dev.memdesc.bench.alloc.AllocBenchmark;
import dev.memdesc.bench.alloc.AllocReport;
import dev.memdesc.cli.CommonOptions;
import dev.memdesc.cli.output.JsonOutput;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code memdesc bench alloc}: the speed of fragments. */
@Command(
    name = "alloc",
    description = {
      "Measure how fast fragments are allocated and freed, beside Netty, glibc and liburcu.",
      "Ratios are of runs that take turns in one JVM, medians over several JVMs. Neither side"
          + " touches what it allocates."
    },
    mixinStandardHelpOptions = true)
final class AllocCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @Option(names = "--forks", paramLabel = "N", description = "JVMs that measure (default 5).")
  private int forks = 5;

  @Option(names = "--quick", description = "Few trials, to see that it works.")
  private boolean quick;

  @Option(
      names = "--question",
      paramLabel = "NAME",
      description =
          "Only this one: pair-256, pair-2k, batch-256, batch-2k, remote-256, reissue-4k or"
              + " defer-256.")
  private @Nullable String question;

  @Override
  public Integer call() {
    if (forks < 1) {
      throw new ParameterException(spec.commandLine(), "at least one JVM measures: forks=" + forks);
    }
    AllocReport report =
        AllocBenchmark.ofFragments(forks, quick, question, this::showProgress).run();
    PrintWriter out = spec.commandLine().getOut();
    if (options.json()) {
      JsonOutput.print(out, AllocOutput.json(report));
    } else {
      AllocOutput.print(out, report);
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
