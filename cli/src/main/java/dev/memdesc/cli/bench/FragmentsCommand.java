package dev.memdesc.cli.bench;

import dev.memdesc.bench.fragments.Churn;
import dev.memdesc.bench.fragments.FragmentsBenchmark;
import dev.memdesc.bench.fragments.FragmentsReport;
import dev.memdesc.bench.fragments.Ramp;
import dev.memdesc.bench.fragments.Sharing;
import dev.memdesc.bench.policy.Policy;
import dev.memdesc.cli.CommonOptions;
import dev.memdesc.cli.output.JsonOutput;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code memdesc bench fragments}: what tables take that share pages, by policy. */
@Command(
    name = "fragments",
    description = {
      "Compare how kernels and memdesc let small tables share pages: the memory that each takes"
          + " for the same work.",
      "Grace periods are stepped by hand: the same seed gives the same figures everywhere. A"
          + " policy that lacks a number of tables a page has a dash."
    },
    mixinStandardHelpOptions = true)
final class FragmentsCommand implements Callable<Integer> {
  private static final long SEED = 20230600;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      split = ",",
      description =
          "Only these: memdesc, memdesc-fullest, powerpc-bump, s390-6.1-halves, s390-6.6-active,"
              + " full-page, sketch-2023, hugh-hh-bits.")
  private List<String> policies = List.of();

  @Option(
      names = "--n",
      paramLabel = "N",
      split = ",",
      description = "Only with so many tables a page: 2, 4, 16, 256.")
  private List<Integer> fragments = List.of();

  @Option(names = "--seed", paramLabel = "N", description = "Of everything that is drawn.")
  private long seed = SEED;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Of the churn, each of which frees a table and allocates one (default 1000000).")
  private int steps = Churn.Size.FULL.steps();

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page with the pages taken over time by each policy.")
  private @Nullable Path html;

  @Override
  public Integer call() {
    if (steps < 1) {
      throw new ParameterException(spec.commandLine(), "a churn has a step: steps=" + steps);
    }
    FragmentsBenchmark benchmark =
        new FragmentsBenchmark(
            policies.isEmpty()
                ? List.of(Policy.values())
                : policies.stream().map(Policy::of).toList(),
            fragments.isEmpty()
                ? List.of(Sharing.values())
                : fragments.stream().map(Sharing::of).toList(),
            seed,
            Churn.Size.FULL.withSteps(steps),
            Ramp.Size.FULL);
    FragmentsReport report;
    try (BenchProgress progress = new BenchProgress(!options.json(), benchmark.steps())) {
      report = benchmark.run(progress);
    }
    if (html != null) {
      FragmentsPage.write(html, report);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (options.json()) {
      JsonOutput.print(out, FragmentsJson.tree(report));
    } else {
      FragmentsText.print(out, report);
    }
    out.flush();
    return 0;
  }
}
