package dev.memdesc.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/** What one run of the tool printed and returned. */
record ToolRun(int exit, String out, String err) {
  /** The launcher at the root of the project. */
  static final Path LAUNCHER =
      Path.of(System.getProperty("memdesc.launcher", "../memdesc")).toAbsolutePath().normalize();

  private static final long DEADLINE_SECONDS = 900;

  /** A run in this process. */
  static ToolRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int exit = line.execute(args);
    return new ToolRun(exit, out.toString(), err.toString());
  }

  /**
   * A run of a command in a folder, with nothing in its environment that helps: PATH, HOME, and no
   * build of its own.
   */
  static ToolRun ofProcess(Path dir, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(dir, "out", "");
    Path err = Files.createTempFile(dir, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(dir.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    Map<String, String> inherited = builder.environment();
    inherited.keySet().retainAll(List.of("PATH", "HOME"));
    inherited.put("MEMDESC_BUILD", "never");
    inherited.putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running after " + DEADLINE_SECONDS + " s: " + command);
    }
    return new ToolRun(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
