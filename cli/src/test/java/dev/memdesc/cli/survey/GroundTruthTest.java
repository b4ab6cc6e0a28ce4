package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables built here against the kernel's own count, of processes that stand still. */
class GroundTruthTest {
  private static final Path PROC = Path.of("/proc");
  private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage");
  private static final int RESPAWNS = 5;

  @TempDir private Path folder;

  @BeforeAll
  static void needsLinux() {
    if (!Files.exists(PROC.resolve("self/pagemap"))) {
      abort("no /proc/self/pagemap on this host: nothing to compare with");
    }
  }

  @Test
  void sleepIsExact() throws IOException {
    assertExact(survey("sleep", () -> StoppedChild.sleeping("sleep", "1000")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"$!", "$$"})
  void aForkedShellIsExactOnBothSides(String pid) throws IOException {
    // The subshell is a copy without exec; it waits for a line that never comes.
    String script = "exec 3<&0; (read line <&3) & echo " + pid + "; wait";
    assertExact(survey("fork", () -> StoppedChild.ofPrintedPid("sh", "-c", script)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stride",
        "reservation",
        "file",
        "shared",
        "prot-none",
        "lazily-freed",
        "far",
      })
  void basePagesAreExact(String scenario) throws IOException {
    assertExact(survey(scenario));
  }

  @Test
  void guardPagesAreExact() throws IOException {
    assertExact(survey("guard"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"huge", "huge-zero", "huge-protected"})
  void anonymousHugePagesAreExactAndHaveDeposits(String scenario) throws IOException {
    needsHugePages();
    SurveyReport report = survey(scenario);
    assertExact(report);
    assertThat(report.levels().getFirst().counts().deposited()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"half-unmapped", "half-given-back", "half-protected"})
  void splitHugePagesAreExact(String scenario) throws IOException {
    needsHugePages();
    assertExact(survey(scenario));
  }

  @Test
  void hugetlbIsExactAndHasNoDeposits() throws IOException {
    if (readNumber(Path.of("/proc/sys/vm/nr_hugepages")) < 4) {
      abort("skipped hugetlb: needs 4 pages in /proc/sys/vm/nr_hugepages");
    }
    SurveyReport report = survey("hugetlb");
    assertExact(report);
    assertThat(report.levels().getFirst().counts().deposited()).isZero();
  }

  @Test
  void sharedHugePagesAreExactAndHaveNoDeposits() throws IOException {
    String enabled = Files.readString(HUGE_PAGES.resolve("shmem_enabled"));
    if (enabled.contains("[never]") || enabled.contains("[deny]")) {
      abort("skipped shared huge pages: needs \"advise\" in " + HUGE_PAGES + "/shmem_enabled");
    }
    SurveyReport report = survey("shared-huge");
    assertExact(report);
    assertThat(report.levels().getFirst().counts().deposited()).isZero();
  }

  @Test
  void aGibibyteGivenBackPageByPageLeavesItsTables() throws IOException {
    SurveyReport report = survey("given-back-by-page");
    assertThat(report.difference()).isEqualTo(new Difference(2052, 0, 0, 0));
  }

  @Test
  void aGibibyteGivenBackInSpansLeavesWhatTheKernelDoesNotReclaim() throws IOException {
    SurveyReport report = survey("given-back-by-span");
    long expectedKiB = kernelReclaimsTables() ? 4 : 2052;
    assertThat(report.difference()).isEqualTo(new Difference(expectedKiB, 0, 0, 0));
  }

  @Test
  void aRunningProcessIsLabelledMoving() {
    SurveyReport report = survey(ProcessHandle.current().pid());
    assertThat(report.quiet()).isFalse();
    Difference difference = Objects.requireNonNull(report.difference());
    assertThat(difference).isEqualTo(new Difference(0, 0, difference.movingKiB(), 0));
  }

  private static void assertExact(SurveyReport report) {
    assertThat(report.badLines()).isEmpty();
    assertThat(report.quiet()).as("stands still").isTrue();
    assertThat(report.predictedKiB())
        .as("VmPTE of %s, %s", report.command(), report.mappings())
        .isEqualTo(report.kernelKiB());
    assertThat(report.difference()).isEqualTo(new Difference(0, 0, 0, 0));
  }

  private static SurveyReport survey(long pid) {
    try (SpaceFactory spaces = new CoreSpaces(null);
        ProcessSource source = new LiveProcess(PROC, pid)) {
      return new Surveyor(List.of(spaces), 10).take(source).getFirst();
    }
  }

  private SurveyReport survey(String scenario) throws IOException {
    Path file = Files.createTempFile(folder, "mapped", "");
    return survey(scenario, () -> StoppedChild.mapping(scenario, file));
  }

  /**
   * Surveys a child. Where the kernel's variables ended up alone in a span of 2 MiB, which is
   * chance, their table cannot be seen; such a child is replaced by another.
   */
  private static SurveyReport survey(String what, Spawner spawner) throws IOException {
    for (int i = 0; i < RESPAWNS; i++) {
      try (StoppedChild child = spawner.spawn()) {
        if (child.firstLine().equals("refused")) {
          return abort("skipped " + what + ": this kernel refuses it");
        }
        SurveyReport report = survey(child.pid());
        if (report.invisibleBoundKiB() == 0) {
          return report;
        }
      }
    }
    return abort("skipped " + what + ": the kernel's variables are always alone in a span");
  }

  /** Starts a child. */
  private interface Spawner {
    StoppedChild spawn() throws IOException;
  }

  /** The kernel gives such a number in one read only, so readString would lose its end. */
  private static long readNumber(Path file) throws IOException {
    byte[] bytes = new byte[32];
    try (InputStream in = Files.newInputStream(file)) {
      int length = Math.max(0, in.read(bytes));
      return Long.parseLong(new String(bytes, 0, length, StandardCharsets.UTF_8).strip());
    }
  }

  private static void needsHugePages() throws IOException {
    Path enabled = HUGE_PAGES.resolve("enabled");
    if (!Files.exists(enabled) || Files.readString(enabled).contains("[never]")) {
      abort("skipped huge pages: needs \"madvise\" in " + enabled);
    }
  }

  /** PT_RECLAIM: the kernel frees tables that giving back 2 MiB or more leaves empty. */
  private static boolean kernelReclaimsTables() throws IOException {
    Path config = PROC.resolve("config.gz");
    if (Files.exists(config)) {
      try (GZIPInputStream in =
          new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(config)))) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8)
            .contains("CONFIG_PT_RECLAIM=y");
      }
    }
    String[] release = System.getProperty("os.version").split("[.-]", 3);
    int major = Integer.parseInt(release[0]);
    return major > 6 || (major == 6 && Integer.parseInt(release[1]) >= 14);
  }
}
