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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
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
          + " seconds=N,",
      "with --fault also fault=NAME found=true or false.",
      "Ends with 1 if something is wrong, if a planted fault is not found, or if nothing was"
          + " proven."
    },
    mixinStandardHelpOptions = true)
public final class TortureCommand implements Callable<Integer> {
  private static final int EXIT_FAILED = 1;
  private static final int STOP_SECONDS = 30;

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
        "Plant a fault, which must be found: with --rcu no-wait, missing-fence, early-cookie,",
        "early-callback or lost-nesting, with --fragments no-wait, early-reuse or stale-contents."
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
    Torture torture = new Torture(scenario, violations);
    return whileStoppable(torture, () -> tortureAndTell(torture, violations, chosen));
  }

  private int tortureAndTell(Torture torture, Violations violations, long chosen) {
    PrintWriter out = spec.commandLine().getOut();
    Torture.Status end = torture.run(seconds, threads, chosen, this::print);
    List<String> messages = messages(end, violations);
    if (options.json()) {
      JsonOutput.print(out, json(end, violations, messages, chosen));
    } else {
      messages.forEach(out::println);
      out.println(
          line(end)
              + (fault == null ? "" : " fault=%s found=%s".formatted(fault, violations.found())));
    }
    out.flush();
    boolean good = fault != null ? violations.found() : end.violations() == 0 && end.proven();
    return good ? 0 : EXIT_FAILED;
  }

  private List<String> messages(Torture.Status end, Violations violations) {
    List<String> messages = new ArrayList<>(violations.texts());
    if (end.violations() == 0 && !end.proven()) {
      messages.add(
          "nothing is proven, the threads got too little of the processor: gracePeriods=%d,"
                  .formatted(end.gracePeriods())
              + " operations=%d, cpuMillis=%d, seconds=%d; take more seconds, fewer threads or a"
                  .formatted(end.operations(), end.cpuMillis(), end.seconds())
              + " less busy machine");
    } else if (fault != null && !violations.found()) {
      messages.add(
          "a planted fault must be found: fault=%s, cpuMillis=%d, seconds=%d; take more seconds"
              .formatted(fault, end.cpuMillis(), end.seconds()));
    }
    return messages;
  }

  /** Runs; an interrupt from the keyboard ends it before its time, and is told as every end. */
  private static int whileStoppable(Torture torture, IntSupplier run) {
    CountDownLatch told = new CountDownLatch(1);
    Thread stopper =
        new Thread(
            () -> {
              torture.stop();
              await(told);
            },
            "torture-stop");
    Runtime.getRuntime().addShutdownHook(stopper);
    try {
      return run.getAsInt();
    } finally {
      told.countDown();
      removeHook(stopper);
    }
  }

  private static void await(CountDownLatch told) {
    try {
      // Past that, whoever interrupted does not want to wait for threads that do not end.
      told.await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM ends already: it is why the run has ended.
    }
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

  private Map<String, Object> json(
      Torture.Status end, Violations violations, List<String> messages, long chosen) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("subject", subject.title());
    tree.put("seed", chosen);
    tree.put("threads", threads);
    tree.put("violations", end.violations());
    tree.put("operations", end.operations());
    tree.put("gracePeriods", end.gracePeriods());
    tree.put("peakBacklogBytes", end.peakBacklogBytes());
    tree.put("seconds", end.seconds());
    if (fault != null) {
      tree.put("fault", fault);
      tree.put("found", violations.found());
    }
    tree.put("messages", messages);
    return tree;
  }
}
