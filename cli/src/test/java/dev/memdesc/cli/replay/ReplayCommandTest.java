package dev.memdesc.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.jr.ob.JSON;

/** {@code memdesc replay} on formats of processors; {@code UnitReplayTest} has the units. */
@Timeout(900)
class ReplayCommandTest {
  @TempDir private Path folder;

  private record Result(int exit, String out, String err) {}

  private static Result replay(String... arguments) {
    return replay(InputStream.nullInputStream(), arguments);
  }

  private static Result replay(InputStream in, String... arguments) {
    // A command of the same class is there already; this one has a name of its own.
    CommandLine line =
        Main.commandLine()
            .addSubcommand("replay-under-test", new ReplayCommand(SpaceTarget::new, in));
    CommandLine root = Main.commandLine();
    line.setExecutionExceptionHandler(root.getExecutionExceptionHandler());
    line.setParameterExceptionHandler(root.getParameterExceptionHandler());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    String[] all = new String[arguments.length + 1];
    all[0] = "replay-under-test";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    int exit = line.execute(all);
    return new Result(exit, out.toString(), err.toString());
  }

  private static String file(String name) {
    URL url = Objects.requireNonNull(ReplayCommandTest.class.getResource(name), name);
    try {
      return Path.of(url.toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> json(Result result) throws IOException {
    return (List<Map<String, Object>>) (List<?>) JSON.std.listFrom(result.out());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> trace(Map<String, Object> report) {
    return (Map<String, Object>) Objects.requireNonNull(report.get("trace"));
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Map<String, Object> report, String key) {
    return (List<Object>) Objects.requireNonNull(report.get(key));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftrace.txt", "trace-cmd.txt", "perf.txt"})
  void theSameEventsCostTheSameWhoeverPrintedThem(String name) throws IOException {
    Result result = replay(file(name), "--iommu", "x86/4-level", "--json");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    Map<String, Object> report = json(result).getFirst();
    assertThat(report)
        .containsEntry("format", "x86/4-level")
        .containsEntry("pageBytes", 4096)
        .containsEntry("splitBy", "none")
        .containsEntry("domainCount", 1)
        // A root, one below it, one for each GiB (2, 3), one for each 2 MiB that has pages of 4K.
        .containsEntry("tableBytes", 6 * 4096)
        .containsEntry("peakTableBytes", 6 * 4096)
        // The page at 2 GiB is gone: its leaf table and the one above it lead to nothing.
        .containsEntry("strandedTables", 2)
        .containsEntry("strandedBytes", 2 * 4096)
        .containsEntry("strandedPercent", 33.3)
        .containsEntry("mappedBytes", 8192)
        .containsEntry("coveredBytes", 8192)
        .containsEntry("findingCount", 0);
    assertThat(trace(report))
        .containsEntry("maps", 4)
        .containsEntry("unmaps", 3)
        .containsEntry("attaches", 1)
        .containsEntry("ioPageFaults", 1)
        .containsEntry("badLineCount", 0)
        .containsEntry("spanSeconds", 0.007);
    assertThat(list(report, "notes"))
        .contains(
            "events do not say which domain they belong to: all are replayed in one; --split-by"
                + " device-events goes by the 1 attach events",
            "1 io_page_fault events are counted, not replayed");
  }

  @ParameterizedTest
  @CsvSource({
    "latency.txt, 0.007",
    "trace-cmd-latency.txt, 0.007",
    "tp-printk.txt, 0.007",
    "journal.txt, 0.007",
    "oops-dump.txt, 0.007",
    "counter.txt, 0.0",
    "no-header.txt, 0.0",
    "perf-trace.txt, 0.007",
    "perf-trace-old.txt, 0.007",
    "fields.txt, 0.007",
    "first-kernels.txt, 0.007",
    "dynamic-debug.txt, 0.007"
  })
  void theSameEventsCostTheSameInAnyDialect(String name, double seconds) throws IOException {
    Result result = replay(file(name), "--iommu", "x86/4-level", "--json");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    Map<String, Object> report = json(result).getFirst();
    assertThat(report)
        .containsEntry("splitBy", "none")
        .containsEntry("tableBytes", 6 * 4096)
        .containsEntry("strandedTables", 2)
        .containsEntry("mappedBytes", 8192)
        .containsEntry("findingCount", 0);
    boolean debug = name.equals("dynamic-debug.txt");
    assertThat(trace(report))
        .containsEntry("maps", 4)
        .containsEntry("unmaps", 3)
        .containsEntry("attaches", debug ? 0 : 1)
        .containsEntry("ioPageFaults", debug ? 0 : 1)
        .containsEntry("unknownEvents", 0)
        .containsEntry("badLineCount", 0)
        .containsEntry("spanSeconds", seconds);
    String clock = name.equals("counter.txt") ? "the clock of 7 events has no unit" : "";
    assertThat(result.out()).contains(name.startsWith("no-h") ? "7 events have no time" : clock);
  }

  @Test
  void aDomainThatTheKernelNamesIsOne() throws IOException {
    Result result = replay(file("qualcomm.txt"), "--iommu", "x86/4-level", "--json");
    assertThat(result.exit()).isZero();
    Map<String, Object> report = json(result).getFirst();
    assertThat(report)
        .containsEntry("splitBy", "domain-names")
        .containsEntry("findingCount", 0)
        .containsEntry("mappedBytes", 4096)
        // The scatter list's pieces are unknown: a leaf table of its own for them.
        .containsEntry("domainCount", 3);
    assertThat(trace(report))
        .containsEntry("domains", List.of("default", "kgsl", "display"))
        .containsEntry("maps", 3)
        .containsEntry("scatterMaps", 1)
        .containsEntry("unknownEvents", 1);
    assertThat(list(report, "notes"))
        .contains(
            "3 domains: events name theirs; those that name none are in default",
            "1 iommu events of names that replay does not know were passed over: tlbi_start");
    assertThat(result.out()).contains("1 map_sg events do not say where their pieces lie");
  }

  @Test
  void everyKeyIsDocumented() throws IOException {
    String doc = Files.readString(Path.of("../docs/json.md"));
    String section = doc.substring(doc.indexOf("## `memdesc replay`"));
    section = section.substring(0, section.indexOf("\n## ", 3));
    Map<String, Object> report =
        json(replay(file("odd.txt"), "--iommu", "x86/4-level", "--json")).getFirst();
    assertThat(section).contains(code(report.keySet()));
    assertThat(section).contains(code(trace(report).keySet()));
    for (String part : List.of("levels", "findings", "samples")) {
      Map<?, ?> last = (Map<?, ?>) list(report, part).getLast();
      assertThat(section).as(part).contains(code(last.keySet()));
    }
  }

  private static List<String> code(Set<?> keys) {
    return keys.stream().map(key -> "`" + key + "`").toList();
  }

  @Test
  void severalFormatsStandSideBySide() throws IOException {
    Path html = folder.resolve("page.html");
    Result result =
        replay(
            file("ftrace.txt"),
            "--iommu",
            "x86/4-level,arm64/64k-48",
            "--iommu",
            "s390/4-level,x86/4-level",
            "--html",
            html.toString());
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    assertThat(result.out())
        .contains("4 maps and 3 unmaps in 18 lines, over 0.007 s")
        .containsPattern("x86/4-level +4K +1 +8 +24 +24 +8 +33\\.3")
        .containsPattern("arm64/64k-48 +64K +1 +8 ")
        .containsPattern("s390/4-level +4K +1 +8 ")
        .contains("note: arm64/64k-48 maps a page of 64K if any 4K of it is mapped: 5 events were")
        .contains("56 KiB more are mapped at the end");
    assertThat(Files.readString(html))
        .contains("Content-Security-Policy", "strandedBytes", "arm64/64k-48", "s390/4-level")
        .doesNotContain("@@", "src=\"http");
  }

  @Test
  void whatIsOddIsSaidWithItsLine() throws IOException {
    Result result = replay(file("odd.txt"), "--iommu", "x86/4-level");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out())
        .contains("finding: x86/4-level: 1 times: unmap of what this trace never mapped; line 3")
        .contains("1 times: map of what is mapped already; the new mapping takes its place; line 6")
        .contains("1 times: unmap of a part of a large leaf; the leaf is split; line 8")
        .contains("1 times: unmap of a range of which a part is mapped; line 10")
        .contains("1 times: iova that the format does not translate; not replayed; line 18")
        .contains("note: the tracer lost 17 events")
        .contains("odd.txt line 14 is not a line of a trace: line=\"app-7 [000]")
        .contains("odd.txt line 16 does not end where its size says")
        .contains("incomplete: 2 lines made no sense");
    Map<String, Object> report =
        json(replay(file("odd.txt"), "--iommu", "x86/4-level", "--json")).getFirst();
    assertThat(report).containsEntry("findingCount", 5).containsEntry("mappedBytes", 0);
    assertThat(list(report, "findings"))
        .contains(
            Map.of(
                "finding",
                "doubleMap",
                "meaning",
                Finding.DOUBLE_MAP.sentence(),
                "count",
                1,
                "firstLines",
                List.of(6)));
  }

  @Test
  void eventsOfDevicesCanSplitATrace() throws IOException {
    Map<String, Object> report =
        json(replay(
                file("ftrace.txt"),
                "--iommu",
                "x86/4-level",
                "--split-by",
                "device-events",
                "--json"))
            .getFirst();
    assertThat(report).containsEntry("splitBy", "device-events").containsEntry("domainCount", 2);
    assertThat(trace(report)).containsEntry("domains", List.of("default", "group 3"));
  }

  @Test
  void aTraceMayComeFromStandardInput() throws IOException {
    byte[] text = Files.readAllBytes(Path.of(file("perf.txt")));
    Result result = replay(new ByteArrayInputStream(text), "-", "--iommu", "x86/4-level", "--json");
    assertThat(result.exit()).isZero();
    assertThat(trace(json(result).getFirst())).containsEntry("events", 7);
    Result bad =
        replay(
            new ByteArrayInputStream("nonsense\n".getBytes(StandardCharsets.UTF_8)),
            "-",
            "--iommu",
            "x86/4-level");
    assertThat(bad.exit()).isEqualTo(1);
    assertThat(bad.out()).contains("bad line: standard input line 1 is not a line of a trace");
  }

  @Test
  void mistakesAreExplained() {
    Result missing = replay(folder.resolve("none").toString(), "--iommu", "x86/4-level");
    assertThat(missing.exit()).isEqualTo(1);
    assertThat(missing.err()).contains("a trace is read to its end: file=");
    Result unknown = replay(file("perf.txt"), "--iommu", "x86/9-level");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).contains("name=x86/9-level", "did you mean x86/");
    Result split = replay(file("perf.txt"), "--iommu", "x86/4-level", "--split-by", "cpu");
    assertThat(split.exit()).isEqualTo(2);
    assertThat(split.err()).contains("--split-by device-events");
    assertThat(replay(file("perf.txt")).exit()).isEqualTo(2);
    assertThat(replay("--iommu", "x86/4-level").exit()).isEqualTo(2);
    Result page =
        replay(
            file("perf.txt"),
            "--iommu",
            "x86/4-level",
            "--html",
            folder.resolve("no/page").toString());
    assertThat(page.exit()).isEqualTo(1);
    assertThat(page.err()).contains("a page is written to a file in a folder that exists: file=");
  }

  @Test
  void namesFromATraceCannotBecomeScripts() throws IOException {
    String hostile = "</script><script>alert(1)</script>";
    Path trace = folder.resolve("trace");
    Files.writeString(
        trace,
        "x-1 [000] 1.000000: attach_device_to_domain: IOMMU: device=" + hostile + "\n" + hostile);
    Path html = folder.resolve("page.html");
    replay(
        trace.toString(),
        "--iommu",
        "x86/4-level",
        "--split-by",
        "device-events",
        "--html",
        html.toString());
    String page = Files.readString(html);
    assertThat(page).doesNotContain(hostile).contains("\\u003c/script\\u003e");
    assertThat(page.split("<script", -1)).hasSize(4);
  }
}
