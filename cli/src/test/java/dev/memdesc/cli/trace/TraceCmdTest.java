package dev.memdesc.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memdesc.api.PageTableException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** trace-cmd's own files, with a program in its place that says what it was called with. */
@Timeout(120)
class TraceCmdTest {
  private static final byte[] MAGIC = {0x17, 0x08, 'D', 't', 'r', 'a', 'c', 'i', 'n', 'g', '6', 0};

  @TempDir private Path folder;

  private Path file(String name) throws IOException {
    return Files.write(folder.resolve(name), MAGIC);
  }

  /** A folder with a trace-cmd that is this script. */
  private String program(String script) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path program = bin.resolve("trace-cmd");
    Files.writeString(program, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return folder.resolve("empty") + ":" + bin;
  }

  private static TraceReader open(Path file, String path) {
    return TraceReader.open(file.toString(), InputStream.nullInputStream(), TraceCmd.in(path));
  }

  @Test
  void theFileIsAnArgumentAndNoShellSeesIt() throws IOException {
    String path =
        program(
            "printf '%s\\n' \"$#\" \"$@\" > "
                + folder.resolve("arguments")
                + "\necho 'a-1 [000] 1.000000: map: IOMMU: iova=0x1000 paddr=0x2000 size=4096'\n");
    Path odd = file("$(touch pwned) -x;'\" trace.dat");
    try (TraceReader reader = open(odd, path)) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.line().iova()).isEqualTo(0x1000);
      assertThat(reader.next()).isFalse();
      assertThat(reader.badLineCount()).isZero();
    }
    assertThat(Files.readAllLines(folder.resolve("arguments")))
        .containsExactly("4", "report", "-N", "-i", odd.toString());
  }

  /** The file is made by hand after the program's description of its format, with two events. */
  @Test
  void theProgramItselfPrintsItsFormat() throws IOException {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    assumeTrue(
        Arrays.stream(path.split(":", -1))
            .anyMatch(bin -> Files.isExecutable(Path.of(bin, "trace-cmd"))),
        "trace-cmd is installed");
    Path file = folder.resolve("recorded.dat");
    try (InputStream in =
        Objects.requireNonNull(
            TraceCmdTest.class.getResourceAsStream("/dev/memdesc/cli/replay/trace.dat"))) {
      Files.copy(in, file);
    }
    try (TraceReader reader =
        TraceReader.open(file.toString(), InputStream.nullInputStream(), TraceCmd.installed())) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.line().kind()).isEqualTo(TraceLine.Kind.MAP);
      assertThat(reader.line().pa()).isEqualTo(0x2000);
      assertThat(reader.line().nanos()).isEqualTo(512_331_882_000L);
      assertThat(reader.next()).isTrue();
      assertThat(reader.line().kind()).isEqualTo(TraceLine.Kind.UNMAP);
      assertThat(reader.next()).isFalse();
      assertThat(reader.badLineCount()).isZero();
    }
  }

  @Test
  void aProgramThatFailsIsAnError() throws IOException {
    String path = program("echo 'a-1 [000] 1.000000: x: y'\necho no such format >&2\nexit 3\n");
    try (TraceReader reader = open(file("trace.dat"), path)) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(PageTableException.class)
          .hasMessageContaining("trace-cmd report failed: exit=3, error=no such format");
    }
  }

  @Test
  void aReaderThatIsClosedEndsTheProgram() throws IOException {
    String path = program("while :; do echo '# more'; done\n");
    TraceReader reader = open(file("trace.dat"), path);
    reader.close();
    // The pipe is gone: were the program alive, it would still die of the next line.
    assertThatThrownBy(reader::next).isInstanceOf(PageTableException.class);
  }

  @Test
  void withoutTheProgramItsPackageIsNamed() throws IOException {
    Path file = file("trace.dat");
    assertThatThrownBy(() -> open(file, folder.toString()))
        .isInstanceOf(PageTableException.class)
        .hasMessageContaining("cannot print trace-cmd's file: no trace-cmd: file=" + file)
        .hasMessageContaining("install the package trace-cmd");
    assertThatThrownBy(
            () -> TraceReader.open("-", new ByteArrayInputStream(MAGIC), TraceCmd.in("")))
        .hasMessageContaining("trace-cmd report -i FILE | memdesc replay -");
  }
}
