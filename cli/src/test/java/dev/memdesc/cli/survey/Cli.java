package dev.memdesc.cli.survey;

import dev.memdesc.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import picocli.CommandLine;

/** Runs the survey command in this process, as the tool runs it. */
final class Cli {
  /** What a run printed and returned. */
  record Result(int exit, String out, String err) {}

  private Cli() {}

  /** The same as a program of its own, for tests of its memory and time. */
  public static void main(String[] arguments) {
    Result result = survey(arguments);
    System.out.print(result.out());
    System.err.print(result.err());
    System.exit(result.exit());
  }

  /** {@code memdesc survey} with these arguments. */
  static Result survey(String... arguments) {
    return run(new SurveyCommand(), arguments);
  }

  /** The same on another process file system. */
  static Result surveyOf(Path proc, String... arguments) {
    return run(new SurveyCommand(CoreSpaces::new, proc), arguments);
  }

  private static Result run(SurveyCommand command, String... arguments) {
    // A command of the same class may be there already; this one has a name of its own.
    CommandLine line = Main.commandLine().addSubcommand("survey-under-test", command);
    CommandLine root = Main.commandLine();
    line.setExecutionExceptionHandler(root.getExecutionExceptionHandler());
    line.setParameterExceptionHandler(root.getParameterExceptionHandler());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    String[] all = new String[arguments.length + 1];
    all[0] = "survey-under-test";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    int exit = line.execute(all);
    return new Result(exit, out.toString(), err.toString());
  }
}
