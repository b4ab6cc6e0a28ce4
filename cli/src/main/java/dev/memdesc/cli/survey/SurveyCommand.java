package dev.memdesc.cli.survey;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.CommonOptions;
import dev.memdesc.cli.input.TextCursor;
import dev.memdesc.cli.output.JsonOutput;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the page tables of processes cost. */
@Command(
    name = "survey",
    description = {
      "What the page tables of processes cost.",
      "Builds the tables that a process has in memdesc's own memory, counts them, and compares with"
          + " the kernel's VmPTE."
    },
    mixinStandardHelpOptions = true)
public final class SurveyCommand implements Callable<Integer> {
  private static final Path PROC = Path.of("/proc");

  @Option(
      names = "--pid",
      split = ",",
      paramLabel = "N",
      description = "A process; several with commas or by repeating the option.")
  private List<Long> pids = new ArrayList<>();

  @Option(names = "--self", description = "This very process.")
  private boolean self;

  @Option(names = "--all", description = "Every process that this user may read, as a table.")
  private boolean all;

  @Option(
      names = "--save",
      paramLabel = "DIR",
      description = "Also save what was read, to a folder DIR/N for each process N.")
  private @Nullable Path saveTo;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description = "Read saved processes instead of live ones; --pid chooses among them.")
  private @Nullable Path from;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description = "Build tables of this format, such as x86/5-level; default: this machine's.")
  private @Nullable String arch;

  @Option(
      names = "--as",
      split = ",",
      paramLabel = "NAME",
      description = {
        "Compare with the tables of these formats, side by side,",
        "such as s390,powerpc/radix-64k."
      })
  private List<String> as = new ArrayList<>();

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many mappings to name (default: ${DEFAULT-VALUE}).")
  private int top;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a page with charts; it needs no network.")
  private @Nullable Path html;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Function<@Nullable String, SpaceFactory> spaceFactories;
  private final Path proc;
  private final List<SurveyReport> reports = new ArrayList<>();
  private final List<Comparison> comparisons = new ArrayList<>();
  private int failures;
  private int unreadable;
  private int withoutMemory;

  /** The command as the tool runs it. */
  public SurveyCommand() {
    this(CoreSpaces::new, PROC);
  }

  /** The command on other tables or another process file system, for tests. */
  SurveyCommand(Function<@Nullable String, SpaceFactory> spaceFactories, Path proc) {
    this.spaceFactories = spaceFactories;
    this.proc = proc;
  }

  /**
   * Runs the command.
   *
   * @return 0, or 1 if a process could not be surveyed or a line made no sense
   */
  @Override
  public Integer call() {
    checkOptions();
    try (Formats formats = new Formats(spaceFactories, arch, as)) {
      List<ProcessSource> sources = sources();
      try (Progress progress = new Progress(all && !common.json(), sources.size())) {
        for (ProcessSource source : sources) {
          survey(formats.spaces(), source);
          progress.step();
        }
      }
    }
    print();
    boolean complete = reports.stream().allMatch(SurveyReport::isComplete);
    return failures == 0 && complete ? 0 : 1;
  }

  private void checkOptions() {
    boolean named = self || !pids.isEmpty();
    if (!named && !all && from == null) {
      throw new ParameterException(
          spec.commandLine(), "Say whom to survey: --pid N, --self, --all or --from DIR");
    }
    if ((all && (named || from != null)) || (from != null && (self || saveTo != null))) {
      throw new ParameterException(
          spec.commandLine(),
          "These do not go together: --all with --pid, --self or --from;"
              + " --from with --self or --save");
    }
    if (top < 0) {
      throw new ParameterException(spec.commandLine(), "--top is not negative: " + top);
    }
  }

  private List<ProcessSource> sources() {
    List<ProcessSource> sources = new ArrayList<>();
    if (from != null) {
      for (long pid : pids.isEmpty() ? numbers(from) : pids) {
        sources.add(new SavedProcess(from.resolve(Long.toString(pid)), pid));
      }
      return sources;
    }
    List<Long> live = new ArrayList<>(all ? numbers(proc) : pids);
    if (self) {
      live.add(ProcessHandle.current().pid());
    }
    for (long pid : live) {
      LiveProcess process = new LiveProcess(proc, pid);
      sources.add(saveTo == null ? process : new RecordingProcess(process, saveTo));
    }
    return sources;
  }

  /** The names in a folder that are numbers, ascending. */
  private static List<Long> numbers(Path folder) {
    List<Long> numbers = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        TextCursor cursor = new TextCursor(name);
        long number = cursor.decimal();
        if (!cursor.failed() && cursor.atEnd()) {
          numbers.add(number);
        }
      }
    } catch (IOException e) {
      throw Failures.unreadable(folder, e.getClass().getSimpleName(), e);
    }
    if (numbers.isEmpty()) {
      throw PageTableException.because(
              Reason.INPUT, "a folder of saved surveys has a folder for each process, its number")
          .with("folder", folder)
          .hint("survey --save makes one")
          .build();
    }
    numbers.sort(Comparator.naturalOrder());
    return numbers;
  }

  private void survey(List<SpaceFactory> formats, ProcessSource source) {
    try (source) {
      List<SurveyReport> taken = new Surveyor(formats, top).take(source);
      reports.add(taken.getFirst());
      comparisons.add(new Comparison(taken));
    } catch (PageTableException e) {
      if (all && e.reason() == Reason.NO_PERMISSION) {
        unreadable++;
      } else if (all && e.reason() == Reason.NO_PROCESS) {
        withoutMemory++;
      } else {
        failures++;
        PrintWriter err = spec.commandLine().getErr();
        err.println("memdesc: " + e.getMessage());
        if (common.verbose()) {
          e.printStackTrace(err);
        }
        err.flush();
      }
    }
  }

  private void print() {
    if (all) {
      comparisons.sort(Comparator.comparingLong(Comparison::kernelKiB).reversed());
      reports.sort(Comparator.comparingLong(SurveyReport::kernelKiB).reversed());
    }
    if (html != null && !reports.isEmpty()) {
      if (as.isEmpty()) {
        SurveyPage.write(html, reports);
      } else {
        SurveyPage.writeComparisons(html, comparisons);
      }
    }
    String summary =
        "left out: %d processes that this user may not read, %d kernel threads and ended processes"
            .formatted(unreadable, withoutMemory);
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      JsonOutput.print(
          out, as.isEmpty() ? SurveyJson.tree(reports) : ComparisonOutput.tree(comparisons));
      if (all) {
        spec.commandLine().getErr().println(summary);
        spec.commandLine().getErr().flush();
      }
    } else if (!as.isEmpty()) {
      ComparisonOutput.print(out, comparisons, all ? summary : null);
    } else if (all) {
      SurveyText.printTable(out, reports, summary);
    } else {
      SurveyText.print(out, reports);
    }
    out.flush();
  }
}
