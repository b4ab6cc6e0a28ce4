package dev.memdesc.cli;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.bench.BenchCommand;
import dev.memdesc.cli.input.Printable;
import dev.memdesc.cli.output.SafeWriter;
import dev.memdesc.cli.replay.ReplayCommand;
import dev.memdesc.cli.survey.SurveyCommand;
import dev.memdesc.cli.torture.TortureCommand;
import dev.memdesc.cli.verify.VerifyCommand;
import dev.memdesc.cli.walk.WalkCommand;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The entry point: reads the command line, runs a command, turns what it throws into one line.
 *
 * <p>Exit codes: 0; 2 for an unknown name or a bad option; 1 for everything else.
 */
@Command(
    name = "memdesc",
    description =
        "The page-table memory of an operating system: measure it, decode it, compare it.",
    mixinStandardHelpOptions = true,
    version = "memdesc 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ListCommand.class,
      DecodeCommand.class,
      WalkCommand.class,
      SurveyCommand.class,
      ReplayCommand.class,
      BenchCommand.class,
      TortureCommand.class,
      VerifyCommand.class
    })
public final class Main {
  private static final int EXIT_ERROR = 1;
  private static final int EXIT_USAGE = 2;

  private Main() {}

  /** Runs the tool and ends the JVM with its exit code. */
  public static void main(String[] args) {
    int exit;
    try {
      LastResort.install();
      exit = commandLine().execute(args);
    } catch (Throwable e) {
      LastResort.print(e);
      exit = EXIT_ERROR;
    }
    System.exit(exit);
  }

  /** The tool as picocli sees it, for tests that call it in their own process. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionStrategy(Main::run);
    line.setExecutionExceptionHandler(Main::report);
    line.setParameterExceptionHandler(Main::usage);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  /** Runs the command that was named. What it prints is made safe; errors are caught here too. */
  private static int run(CommandLine.ParseResult parsed) {
    Integer help = CommandLine.executeHelpRequest(parsed);
    if (help != null) {
      return help;
    }
    CommandLine line = parsed.commandSpec().commandLine();
    PrintWriter out = line.getOut();
    PrintWriter err = line.getErr();
    line.setOut(SafeWriter.before(out));
    line.setErr(SafeWriter.before(err));
    try {
      Set<String> said = new HashSet<>();
      return ScopedValue.where(
              Backends.SET_ASIDE,
              e -> {
                if (said.add(String.valueOf(e.getMessage()))) {
                  printLine(line, "memdesc: a plugin is left out: " + e.getMessage());
                }
              })
          .call(() -> new CommandLine.RunLast().execute(parsed));
    } catch (Error e) {
      // Picocli hands on exceptions only.
      return report(e, line, parsed);
    } finally {
      line.getOut().flush();
      line.getErr().flush();
      line.setOut(out);
      line.setErr(err);
    }
  }

  private static void printLine(CommandLine line, String text) {
    line.getErr().println(Printable.of(text));
    line.getErr().flush();
  }

  private static int report(Throwable e, CommandLine line, CommandLine.ParseResult parsed) {
    printLine(line, LastResort.line(e));
    if (isVerbose(parsed)) {
      PrintWriter err = SafeWriter.before(line.getErr());
      e.printStackTrace(err);
      err.flush();
    }
    return e instanceof PageTableException known
            && List.of(Reason.UNKNOWN_NAME, Reason.SYNTAX).contains(known.reason())
        ? EXIT_USAGE
        : EXIT_ERROR;
  }

  private static boolean isVerbose(CommandLine.ParseResult parsed) {
    CommandLine.ParseResult deepest = parsed;
    while (deepest.hasSubcommand()) {
      deepest = deepest.subcommand();
    }
    return deepest.matchedOptionValue("--verbose", false);
  }

  private static int usage(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    StringBuilder text =
        new StringBuilder("memdesc: ").append(Printable.of(String.valueOf(e.getMessage())));
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> near = unmatched.getSuggestions();
      text.append(near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?");
    }
    if (!line.getSubcommands().isEmpty()) {
      text.append("; there are ").append(String.join(", ", line.getSubcommands().keySet()));
    }
    text.append("; try ").append(line.getCommandSpec().qualifiedName()).append(" --help");
    PrintWriter err = line.getErr();
    err.println(text);
    if (List.of(args).contains("--verbose")) {
      e.printStackTrace(err);
    }
    err.flush();
    return EXIT_USAGE;
  }
}
