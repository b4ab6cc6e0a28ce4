package dev.memdesc.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.bench.trace.TraceGenerator;
import dev.memdesc.bench.trace.TraceKind;
import dev.memdesc.bench.trace.TraceStyle;
import dev.memdesc.cli.Main;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    long start = System.nanoTime();
    String output =
        replay(
            24,
            out ->
                new TraceGenerator(TraceKind.NETWORK_RING, EVENTS, 1, TraceStyle.FTRACE).write(out),
            0);
    assertThat(output)
        .contains("standard input: ")
        .contains(" in 2,000,002 lines")
        .doesNotContain("finding:");
    System.out.printf(
        Locale.ROOT,
        "replay of %,d events in two formats, with their generation, -Xmx24m: %.2f s%n",
        EVENTS,
        (System.nanoTime() - start) / 1e9);
  }

  @Test
  void manyDevicesOfLongNamesFitASmallHeap() throws Exception {
    String output = replay(64, LargeTraceTest::writeNames, 1, "--split-by", "device-events");
    assertThat(output)
        .contains(" in 66,000 lines")
        .contains("incomplete: 2,000 lines made no sense")
        .doesNotContain("OutOfMemory");
  }

  /** 60,000 names as long as a name can be, and some that are longer. */
  private static void writeNames(OutputStream out) throws IOException {
    for (int i = 0; i < 66_000; i++) {
      String name = "x".repeat(i % 33 == 0 ? 60_000 : 240) + i;
      String event = "a-1 [000] 1.000000: add_device_to_group: IOMMU: groupID=7 device=";
      out.write((event + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Writes a trace. */
  private interface Source {
    void write(OutputStream out) throws IOException;
  }

  /** What a process with a heap of so many MiB prints. */
  private String replay(int heapMib, Source trace, int exit, String... more) throws Exception {
    Path output = folder.resolve("output");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMib + "m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                LargeTraceTest.class.getName(),
                "-",
                "--iommu",
                "x86/4-level,arm64/64k-48"));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      try (OutputStream out = process.getOutputStream()) {
        trace.write(out);
      } catch (IOException e) {
        // It ended early: its output says why.
      }
      assertThat(process.waitFor(15, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String printed = Files.readString(output);
    assertThat(process.exitValue()).as(printed).isEqualTo(exit);
    return printed;
  }
}
