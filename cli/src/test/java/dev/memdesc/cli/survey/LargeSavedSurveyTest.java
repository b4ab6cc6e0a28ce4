package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Large surveys in a small heap. The time is printed, not asserted: the machine is shared. */
class LargeSavedSurveyTest {
  private static final long GIB = 1L << 30;
  private static final long TIB = 1L << 40;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void twentyGibibytesResident(boolean scan) throws Exception {
    // Tables: 20 GiB / 2 MiB of level 0, 20 of level 1, 1 of level 2.
    generate(20 * GIB, 20 * GIB, 20 * GIB, scan, (10240 + 20 + 1) * 4L);
    survey("20 GiB resident", scan);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReservationOfSixteenTebibytes(boolean scan) throws Exception {
    // A page every 4 GiB: 4096 tables of levels 0 and 1, 32 of level 2.
    generate(16 * TIB, 4096, 4 * GIB, scan, (4096 + 4096 + 32) * 4L);
    survey("16 TiB reserved", scan);
  }

  private void generate(long bytes, long runBytes, long stepBytes, boolean scan, long tablesKiB)
      throws IOException {
    SavedSurveyGenerator generator =
        new SavedSurveyGenerator(folder, 1).area(0x2000_0000_0000L, bytes, runBytes, stepBytes);
    (scan ? generator : generator.withoutScan()).write(tablesKiB);
  }

  private void survey(String what, boolean scan) throws Exception {
    Path output = folder.resolve("output");
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(
                StoppedChild.javaCommand(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Cli.class.getName(),
                "--from",
                folder.toString(),
                "--arch",
                "x86/4-level")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int exit = process.waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "survey --from, %s, %s, -Xmx256m: %.2f s%n",
        what,
        scan ? "ranges" : "words",
        seconds);
    assertThat(Files.readString(output)).contains(": exact");
    assertThat(exit).isZero();
  }
}
