package dev.memdesc.cli.bench;

import dev.memdesc.bench.alloc.AllocReport;
import dev.memdesc.bench.rcu.RcuFork;
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

/** {@code memdesc bench rcu}: the speed of readers and of deferred free. */
@Command(
    name = "rcu",
    description = {
      "Measure read sections and deferred free beside liburcu and StampedLock.",
      "Ratios are of runs that take turns in one JVM, medians over several JVMs. Free is from"
          + " the call to the end of the callback, grace periods and all."
    },
    mixinStandardHelpOptions = true)
final class RcuCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @Option(names = "--forks", paramLabel = "N", description = "JVMs that measure (default 5).")
  private int forks = 5;

  @Option(names = "--quick", description = "Few trials, to see that it works.")
  private boolean quick;

  @Option(
      names = "--question",
      paramLabel = "NAME",
      description = "Only this one: section, fenced, qsbr, call, call-reader or defer.")
  private @Nullable String question;

  @Override
  public Integer call() {
    if (forks < 1) {
      throw new ParameterException(spec.commandLine(), "at least one JVM measures: forks=" + forks);
    }
    AllocReport report = RcuFork.benchmark(forks, quick, question, this::showProgress).run();
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
