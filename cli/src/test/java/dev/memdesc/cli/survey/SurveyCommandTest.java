package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.jr.ob.JSON;

class SurveyCommandTest {
  private static final String MAPS =
      """
      00400000-00410000 rw-p 00000000 00:00 0\s
      ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
      """;

  @TempDir private Path folder;

  /** A process in a folder that looks like /proc, without PAGEMAP_SCAN. */
  private void fakeProcess(long pid, String status, String maps) throws IOException {
    Path process = Files.createDirectories(folder.resolve(Long.toString(pid)));
    Files.createDirectories(process.resolve("task").resolve(Long.toString(pid)));
    Files.writeString(process.resolve("status"), status);
    Files.writeString(process.resolve("task/" + pid + "/status"), status);
    Files.writeString(process.resolve("maps"), maps);
    Files.writeString(process.resolve("smaps"), maps);
    try (RandomAccessFile file = new RandomAccessFile(process.resolve("pagemap").toFile(), "rw")) {
      file.seek(0x402000 / 4096 * 8);
      file.writeLong(Long.reverseBytes(1L << 63));
    }
  }

  private static String status(String name, String state, String more) {
    return "Name:\t" + name + "\nState:\t" + state + "\n" + more;
  }

  @Test
  void selfIsSurveyedAndTheFirstLineAnswers() {
    Cli.Result result = Cli.survey("--self");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    assertThat(result.out().lines().findFirst().orElseThrow())
        .matches("pid \\d+ \\(java\\): page tables take [\\d,]+ KiB, [\\d.]+ % of .* resident");
    assertThat(result.out()).contains("the process ran meanwhile");
  }

  @Test
  void jsonIsAlwaysAnArrayWithTheDocumentedKeys() throws IOException {
    Cli.Result result = Cli.survey("--self", "--json", "--top", "2");
    assertThat(result.exit()).isZero();
    Object tree = JSON.std.anyFrom(result.out());
    assertThat(tree).isInstanceOf(List.class);
    String text = result.out();
    for (String key :
        new String[] {
          "pid",
          "command",
          "format",
          "predictedVmPteKiB",
          "kernelVmPteKiB",
          "reclaimableKiB",
          "invisibleKiB",
          "movingKiB",
          "unknownKiB",
          "levels",
          "manualName",
          "linked",
          "deposited",
          "hardwareKiB",
          "allocatedKiB",
          "occupancy",
          "mappings",
          "residentKiB",
        }) {
      assertThat(text).contains("\"" + key + "\"");
    }
  }

  @Test
  void wordsOfPagemapServeWhereTheKernelHasNoScan() throws IOException {
    fakeProcess(7, status("fake\u001b", "S (sleeping)", "VmRSS:\t4 kB\nVmPTE:\t12 kB\n"), MAPS);
    Cli.Result result = Cli.surveyOf(folder, "--pid", "7", "--arch", "x86/4-level");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    assertThat(result.out())
        .startsWith("pid 7 (fake?): page tables take 12 KiB")
        .contains("VmPTE is 12 KiB: exact")
        .contains("note: huge pages are inferred from smaps")
        .contains("note: [vsyscall] lies in the kernel's half");
  }

  @Test
  void aMissingProcessIsNamedAndTheOthersAreReported() throws IOException {
    fakeProcess(7, status("fake", "S (sleeping)", "VmPTE:\t12 kB\n"), MAPS);
    Cli.Result result = Cli.surveyOf(folder, "--pid", "8,7");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err())
        .isEqualTo(
            "memdesc: a survey is of a process that exists: pid=8; ps lists them"
                + System.lineSeparator());
    assertThat(result.out()).startsWith("pid 7 (fake)");
    assertThat(Cli.surveyOf(folder, "--pid", "8", "--json").out().strip()).isEqualTo("[ ]");
    assertThat(Cli.surveyOf(folder, "--pid", "8", "--verbose").err()).contains("\tat ");
  }

  @Test
  void kernelThreadsAndZombiesAreToldApart() throws IOException {
    fakeProcess(2, status("kthreadd", "S (sleeping)", "Kthread:\t1\n"), "");
    fakeProcess(3, status("gone", "Z (zombie)", ""), "");
    Cli.Result result = Cli.surveyOf(folder, "--pid", "2", "--pid", "3");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err().lines())
        .containsExactly(
            "memdesc: a survey is of a process with memory: pid=2, command=kthreadd;"
                + " this is a kernel thread: it has no page tables of its own",
            "memdesc: a survey is of a process with memory: pid=3, command=gone;"
                + " this is a zombie: it has ended and gave its page tables back");
  }

  @Test
  void aRealKernelThreadIsRefused() throws IOException {
    Path status = Path.of("/proc/2/status");
    assumeTrue(
        Files.exists(status) && Files.readString(status).contains("kthreadd"),
        "process 2 is not kthreadd here");
    assertThat(Cli.survey("--pid", "2").err()).contains("kernel thread");
  }

  @Test
  void aProcessThatEndsMeanwhileIsNotReported() throws IOException {
    Process process = new ProcessBuilder("sleep", "1000").start();
    try (SpaceFactory spaces = new CoreSpaces(null);
        ProcessSource source = new EndingProcess(process)) {
      PageTableException e =
          assertThrows(
              PageTableException.class, () -> new Surveyor(List.of(spaces), 1).take(source));
      assertThat(e.reason()).isEqualTo(Reason.NO_PROCESS);
      assertThat(e).hasMessageContaining("lives until its survey is done: pid=" + process.pid());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void refusedFilesAreCalledAMatterOfPermission() {
    PageTableException e =
        Failures.opening(7, Path.of("/proc/7/maps"), new AccessDeniedException("/proc/7/maps"));
    assertThat(e.reason()).isEqualTo(Reason.NO_PERMISSION);
    assertThat(e)
        .hasMessage(
            "a survey reads processes of the same user, or runs as root:"
                + " pid=7, file=/proc/7/maps; permission denied");
  }

  @Test
  void allIsATableWithTheLargestFirst() throws IOException {
    fakeProcess(7, status("small", "S (sleeping)", "VmPTE:\t12 kB\n"), MAPS);
    fakeProcess(9, status("large", "S (sleeping)", "VmPTE:\t20 kB\n"), MAPS);
    fakeProcess(2, status("kthreadd", "S (sleeping)", "Kthread:\t1\n"), "");
    Files.createDirectories(folder.resolve("sys"));
    Cli.Result result = Cli.surveyOf(folder, "--all");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    assertThat(result.out())
        .startsWith("2 processes: page tables take 32 KiB (VmPTE)")
        .contains("left out: 0 processes that this user may not read, 1 kernel threads");
    assertThat(result.out().indexOf("large")).isLessThan(result.out().indexOf("small"));
  }

  @Test
  void anUnknownFormatIsABadName() {
    Cli.Result result = Cli.survey("--self", "--arch", "x68");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err()).contains("x68").contains("x86/4-level");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--all --self",
        "--all --pid 1",
        "--from /tmp --all",
        "--from /tmp --save /tmp",
        "--pid x",
        "--self --top -1",
        "--nonsense",
      })
  void badOptionsEndWithTwo(String arguments) {
    Cli.Result result = Cli.survey(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1));
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err()).startsWith("memdesc: ");
  }

  @Test
  void anotherFormatCanBeChosen() {
    Cli.Result result = Cli.survey("--self", "--arch", "x86/5-level", "--json");
    assertThat(result.exit()).isZero();
    assertThat(result.out()).contains("\"format\" : \"x86/5-level\"");
  }
}
