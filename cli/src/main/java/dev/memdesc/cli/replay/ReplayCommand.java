package dev.memdesc.cli.replay;

import dev.memdesc.cli.CommonOptions;
import dev.memdesc.cli.output.JsonOutput;
import dev.memdesc.cli.output.TerminalProgress;
import dev.memdesc.cli.trace.TraceReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the tables of IOMMUs cost when they live through a trace. */
@Command(
    name = "replay",
    description = {
      "What the tables of IOMMUs cost when they live through a trace of iommu:map and iommu:unmap"
          + " events.",
      "Builds the tables in memdesc's own memory, sends the invalidations to a model of the unit,"
          + " and counts: table bytes over time, tables that are left empty, commands."
    },
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  private static final String DEVICE_EVENTS = "device-events";

  /** About as long as a line is. */
  private static final long BYTES_PER_EVENT = 140;

  @Parameters(
      paramLabel = "TRACE",
      description = {
        "Text of ftrace, trace-cmd report, perf script, perf trace, or a console with such events,"
            + " also compressed with gzip; - is standard input. trace-cmd report is called for a"
            + " file of trace-cmd record. memdesc bench trace writes some."
      })
  private String trace = "";

  @Option(
      names = "--iommu",
      split = ",",
      paramLabel = "NAME",
      required = true,
      description = {
        "The IOMMUs and formats of the tables, side by side, such as",
        "intel/ss-48,arm-smmu/s1-4k-48,arm-smmu/s1-64k-48."
      })
  private List<String> iommus = new ArrayList<>();

  @Option(
      names = "--split-by",
      paramLabel = "WHAT",
      description = {
        "device-events: a domain for each device or group that is attached; an event belongs to the"
            + " one that its process attached last. Without it there is one domain for all events"
            + " that do not name theirs; few kernels' events do."
      })
  private @Nullable String splitBy;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a page with curves; it needs no network.")
  private @Nullable Path html;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Function<String, ReplayTarget> targets;
  private final InputStream standardInput;

  /** The command as the tool runs it. */
  public ReplayCommand() {
    this(UnitTarget::new, System.in);
  }

  /** The command on other targets or another standard input, for tests. */
  ReplayCommand(Function<String, ReplayTarget> targets, InputStream standardInput) {
    this.targets = targets;
    this.standardInput = standardInput;
  }

  /**
   * Runs the command.
   *
   * @return 0, or 1 if a line made no sense
   */
  @Override
  public Integer call() {
    if (splitBy != null && !splitBy.equals(DEVICE_EVENTS)) {
      throw new ParameterException(
          spec.commandLine(), "a trace is split by what there is: --split-by device-events");
    }
    ReplayRun.Result result = run();
    if (html != null) {
      ReplayPage.write(html, result);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      JsonOutput.print(out, ReplayJson.tree(result));
    } else {
      ReplayText.print(out, result);
    }
    out.flush();
    return result.trace().badLineCount() == 0 ? 0 : 1;
  }

  private ReplayRun.Result run() {
    List<ReplayTarget> open = new ArrayList<>();
    try (TraceReader reader = TraceReader.open(trace, standardInput);
        TerminalProgress progress = new TerminalProgress(!common.json(), "replay", events())) {
      // Two of a name would be the same twice.
      for (String name : new LinkedHashSet<>(iommus)) {
        open.add(targets.apply(name));
      }
      return new ReplayRun(reader, open, splitBy != null).run(progress::add);
    } finally {
      open.forEach(ReplayTarget::close);
    }
  }

  /** How many events a file of this size may have; -1 if nobody knows. */
  private long events() {
    try {
      return trace.equals(TraceReader.STANDARD_INPUT)
          ? -1
          : Files.size(Path.of(trace)) / BYTES_PER_EVENT;
    } catch (IOException e) {
      return -1;
    }
  }
}
