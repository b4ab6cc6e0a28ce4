package dev.memdesc.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.bench.trace.TraceGenerator;
import dev.memdesc.bench.trace.TraceKind;
import dev.memdesc.bench.trace.TraceStyle;
import dev.memdesc.cli.Main;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A long trace in a small heap. The time is printed, not asserted: the machine is shared. */
class LargeTraceTest {
  private static final long EVENTS = 2_000_000;

  @TempDir private Path folder;

  /** {@code memdesc replay} on formats of processors, as a program of its own. */
  public static void main(String[] arguments) {
    ReplayCommand command = new ReplayCommand(SpaceTarget::new, System.in);
    CommandLine line = Main.commandLine().addSubcommand("replay-under-test", command);
    String[] all = new String[arguments.length + 1];
    all[0] = "replay-under-test";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    System.exit(line.execute(all));
  }

  @Test
  void memoryDoesNotGrowWithTheTrace() throws Exception {
    Path output = folder.resolve("output");
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                LargeTraceTest.class.getName(),
                "-",
                "--iommu",
                "x86/4-level,arm64/64k-48")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      write(process);
      assertThat(process.waitFor(15, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(output))
        .contains("standard input: ")
        .contains(" in 2,000,002 lines")
        .doesNotContain("finding:");
    assertThat(process.exitValue()).isZero();
    System.out.printf(
        Locale.ROOT,
        "replay of %,d events in two formats, with their generation, -Xmx24m: %.2f s%n",
        EVENTS,
        (System.nanoTime() - start) / 1e9);
  }

  private static void write(Process process) {
    try (OutputStream out = process.getOutputStream()) {
      new TraceGenerator(TraceKind.NETWORK_RING, EVENTS, 1, TraceStyle.FTRACE).write(out);
    } catch (IOException e) {
      // It ended early: its output says why.
    }
  }
}
