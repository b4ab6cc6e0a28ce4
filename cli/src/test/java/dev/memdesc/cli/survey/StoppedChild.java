package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A process for a test, stopped in every thread. Closing it ends it and its children. */
final class StoppedChild implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final long pid;
  private final String firstLine;

  private StoppedChild(Process process, long pid, String firstLine) {
    this.process = process;
    this.pid = pid;
    this.firstLine = firstLine;
  }

  /** A Java process that runs a scenario of {@link MapChild}; it may map {@code file}. */
  static StoppedChild mapping(String scenario, Path file) throws IOException {
    return java(MapChild.class.getName(), scenario, file.toString());
  }

  /** A Java process of the test classes with a small heap, that prints a line when it is ready. */
  static StoppedChild java(String... command) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(javaCommand());
    line.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "--enable-native-access=ALL-UNNAMED"));
    line.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:-UseDynamicNumberOfCompilerThreads"));
    line.addAll(List.of("-cp", testClasses()));
    line.addAll(List.of(command));
    return start(false, line);
  }

  /** The Java that runs the tests. */
  static String javaCommand() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static String testClasses() {
    try {
      return Path.of(MapChild.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A command that needs no time to get ready: it is stopped as soon as it sleeps. */
  static StoppedChild sleeping(String... command) throws IOException {
    Process process = new ProcessBuilder(command).start();
    StoppedChild child = new StoppedChild(process, process.pid(), "");
    child.awaitStates("S");
    return child.stop();
  }

  /** A command whose first line of output is the number of the process to stop. */
  static StoppedChild ofPrintedPid(String... command) throws IOException {
    return start(true, List.of(command));
  }

  private static StoppedChild start(boolean printsPid, List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    // The C library gives memory that it freed back to the kernel, which leaves an empty table now
    // and then: a true finding, but not the one that a test is about.
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    builder.environment().put("MALLOC_TRIM_THRESHOLD_", "1000000000");
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", "1000000000");
    Process process = builder.start();
    try {
      BufferedReader out = process.inputReader();
      String line = out.readLine();
      assertThat(line).as("first line of %s", command).isNotNull();
      long pid = printsPid ? Long.parseLong(line.strip()) : process.pid();
      StoppedChild child = new StoppedChild(process, pid, line);
      if (printsPid) {
        child.awaitStates("S");
      }
      return child.stop();
    } catch (IOException | RuntimeException | AssertionError e) {
      end(process);
      throw e;
    }
  }

  private StoppedChild stop() throws IOException {
    try {
      int status = new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor();
      assertThat(status).as("kill -STOP").isZero();
      awaitStates("T");
      return this;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitStates(String state) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!states().equals(state)) {
      assertThat(System.nanoTime()).as("pid %d reaches state %s", pid, state).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** The different states of its threads. */
  private String states() throws IOException {
    StringBuilder states = new StringBuilder();
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads) {
        String stat = Files.readString(thread.resolve("stat"));
        char state = stat.charAt(stat.lastIndexOf(')') + 2);
        if (states.indexOf(String.valueOf(state)) < 0) {
          states.append(state);
        }
      }
    }
    return states.toString();
  }

  /** The number of the stopped process. */
  long pid() {
    return pid;
  }

  /** Its first line of output. */
  String firstLine() {
    return firstLine;
  }

  @Override
  public void close() {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    end(process);
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }
}
