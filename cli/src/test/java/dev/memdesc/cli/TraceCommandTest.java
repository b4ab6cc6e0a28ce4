package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.jr.ob.JSON;

/** {@code memdesc bench trace}. */
class TraceCommandTest {
  @TempDir private Path folder;

  private ToolRun trace(String... more) {
    String[] all = new String[more.length + 2];
    all[0] = "bench";
    all[1] = "trace";
    System.arraycopy(more, 0, all, 2, more.length);
    return ToolRun.of(all);
  }

  @Test
  void aTraceIsWrittenAndSummed() throws IOException {
    String file = folder.resolve("trace.txt").toString();
    ToolRun run =
        trace("--kind", "iova-stress", "--events", "10", "--seed", "3", "--out", file, "--json");
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    Map<String, Object> tree = JSON.std.mapFrom(run.out());
    assertThat(tree)
        .containsEntry("kind", "iova-stress")
        .containsEntry("style", "ftrace")
        .containsEntry("seed", 3)
        .containsEntry("events", 10)
        .containsEntry("maps", 5)
        .containsEntry("unmaps", 5)
        .containsEntry("attaches", 0)
        .containsEntry("textBytes", (int) Files.size(Path.of(file)))
        .hasSize(8);
    assertThat(Files.readAllLines(Path.of(file))).hasSize(12);
  }

  @Test
  void aNameThatEndsInGzIsCompressed() throws IOException {
    String file = folder.resolve("trace.gz").toString();
    ToolRun run =
        trace("--kind", "nvme-queue", "--events", "1000", "--style", "perf", "--out", file);
    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("trace.gz: ", " maps, ", "; seed 20231221");
    byte[] bytes = Files.readAllBytes(Path.of(file));
    assertThat(bytes).startsWith(0x1f, 0x8b).hasSizeLessThan(60_000);
  }

  @Test
  void mistakesAreExplained() {
    String file = folder.resolve("trace").toString();
    ToolRun kind = trace("--kind", "disk", "--out", file);
    assertThat(kind.exit()).isEqualTo(2);
    assertThat(kind.err()).contains("kind=disk; there are network-ring, nvme-queue, vfio-pin");
    assertThat(trace("--kind", "vfio-pin", "--out", file, "--style", "x").exit()).isEqualTo(2);
    assertThat(trace("--kind", "vfio-pin", "--out", file, "--events", "0").exit()).isEqualTo(2);
    assertThat(trace("--kind", "vfio-pin", "--out", "-", "--json").exit()).isEqualTo(2);
    assertThat(trace("--kind", "vfio-pin").exit()).isEqualTo(2);
    ToolRun folderMissing = trace("--kind", "vfio-pin", "--out", folder.resolve("a/b").toString());
    assertThat(folderMissing.exit()).isEqualTo(1);
    assertThat(folderMissing.err()).contains("a trace is written where there is room: file=");
  }
}
