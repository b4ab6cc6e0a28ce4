package dev.memdesc.cli.torture;

import dev.memdesc.bench.torture.FragmentScenario;
import dev.memdesc.bench.torture.RcuScenario;
import dev.memdesc.bench.torture.Torture;
import dev.memdesc.bench.torture.TortureScenario;
import dev.memdesc.bench.torture.Violations;
import dev.memdesc.cli.CommonOptions;
import dev.memdesc.cli.output.JsonOutput;
import dev.memdesc.core.rcu.FaultyRcu;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.rcu.RcuOptions;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code memdesc torture}: runs concurrent code hard and checks it, until something is wrong. */
@Command(
    name = "torture",
    description = {
      "Run concurrent code hard, check everything, stop at the first violation.",
      "A line of figures each second; the last line is violations=N operations=N gracePeriods=N"
          + " seconds=N. Ends with 1 if something is wrong."
    },
    mixinStandardHelpOptions = true)
public final class TortureCommand implements Callable<Integer> {
  private static final int EXIT_VIOLATION = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @ArgGroup(multiplicity = "1")
  private Subject subject = new Subject();

  @Option(names = "--seconds", paramLabel = "N", description = "How long (default 10).")
  private int seconds = 10;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = {
        "At least 2 (default 2). With --rcu a quarter of them update and the others read,",
        "with --fragments each of them does everything."
      })
  private int threads = 2;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of the threads' choices (default: a random one, which is printed).")
  private @Nullable Long seed;

  @Option(
      names = "--flavour",
      paramLabel = "NAME",
      description = "asymmetric, fenced or qsbr (default: as -Dmemdesc.rcu says).")
  private @Nullable String flavour;

  @Option(
      names = "--fault",
      paramLabel = "NAME",
      description = {
        "Plant a fault, which must be found: with --rcu no-wait or missing-fence,",
        "with --fragments no-wait or early-reuse."
      })
  private @Nullable String fault;

  /** For picocli. */
  public TortureCommand() {}

  /** What is tortured: exactly one. */
  static final class Subject {
    @Option(names = "--rcu", required = true, description = "Grace periods and callbacks.")
    private boolean rcu;

    @Option(
        names = "--fragments",
        required = true,
        description = "Pools with 2, 16 and 256 fragments a page, under readers.")
    private boolean fragments;

    String title() {
      return fragments ? "fragments" : "rcu";
    }
  }

  @Override
  public Integer call() {
    if (seconds < 1 || threads < 2) {
      throw new ParameterException(
          spec.commandLine(),
          "torture takes at least 1 second and 2 threads: seconds=%d, threads=%d"
              .formatted(seconds, threads));
    }
    long chosen = seed != null ? seed : ThreadLocalRandom.current().nextLong();
    Violations violations = new Violations();
    TortureScenario scenario = scenario(violations);
    PrintWriter out = spec.commandLine().getOut();
    if (!options.json()) {
      out.printf("seed=%d threads=%d%n", chosen, threads);
      out.flush();
    }
    Torture.Status end =
        new Torture(scenario, violations).run(seconds, threads, chosen, this::print);
    if (options.json()) {
      JsonOutput.print(out, json(end, violations, chosen));
    } else {
      violations.texts().forEach(out::println);
      out.println(line(end));
    }
    out.flush();
    return end.violations() == 0 ? 0 : EXIT_VIOLATION;
  }

  private TortureScenario scenario(Violations violations) {
    RcuFlavour chosen = flavour == null ? RcuFlavour.preferred() : RcuFlavour.named(flavour);
    if (!subject.rcu) {
      return FragmentScenario.open(chosen, fault, violations);
    }
    return new RcuScenario(
        fault == null
            ? chosen.open()
            : FaultyRcu.open(chosen, FaultyRcu.Fault.named(fault), RcuOptions.DEFAULT),
        violations);
  }

  private void print(Torture.Status status) {
    if (!options.json()) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(line(status) + " " + status.figures());
      out.flush();
    }
  }

  private static String line(Torture.Status status) {
    return "violations=%d operations=%d gracePeriods=%d seconds=%d"
        .formatted(
            status.violations(), status.operations(), status.gracePeriods(), status.seconds());
  }

  private Map<String, Object> json(Torture.Status end, Violations violations, long chosen) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("subject", subject.title());
    tree.put("seed", chosen);
    tree.put("threads", threads);
    tree.put("violations", end.violations());
    tree.put("operations", end.operations());
    tree.put("gracePeriods", end.gracePeriods());
    tree.put("peakBacklogBytes", end.peakBacklogBytes());
    tree.put("seconds", end.seconds());
    tree.put("messages", violations.texts());
    return tree;
  }
}
