package dev.memdesc.cli;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.bench.BenchCommand;
import dev.memdesc.cli.replay.ReplayCommand;
import dev.memdesc.cli.survey.SurveyCommand;
import dev.memdesc.cli.torture.TortureCommand;
import dev.memdesc.cli.verify.VerifyCommand;
import dev.memdesc.cli.walk.WalkCommand;
import java.io.PrintWriter;
import java.util.List;
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
    System.exit(commandLine().execute(args));
  }

  /** The tool as picocli sees it, for tests that call it in their own process. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler(Main::report);
    line.setParameterExceptionHandler(Main::usage);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  private static int report(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    PrintWriter err = line.getErr();
    err.println("memdesc: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
    if (isVerbose(parsed)) {
      e.printStackTrace(err);
    }
    err.flush();
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
    StringBuilder text = new StringBuilder("memdesc: ").append(e.getMessage());
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
