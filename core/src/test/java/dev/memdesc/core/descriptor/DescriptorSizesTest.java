package dev.memdesc.core.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What descriptors cost, measured by JOL beside the 64 bytes of Linux's {@code struct page}. */
final class DescriptorSizesTest {
  private static final long FRAMES = 1 << 20;
  private static final long SECTIONS = FRAMES >> 10;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"-XX:-UseCompactObjectHeaders, 48, 16", "-XX:+UseCompactObjectHeaders, 40, 16"})
  void aTableCostsAtMost48BytesAndAFrame4(String flag, long table, long arrayHeader)
      throws Exception {
    Map<String, Long> sizes = measure(flag);
    System.out.printf(
        "%s: %d bytes per table, %.4f per frame, %d per free block%n",
        flag,
        sizes.get("TableDescriptor"),
        (double) sizes.getOrDefault("full map", 0L) / FRAMES,
        sizes.get("FreeBlock"));
    assertThat(sizes.get("TableDescriptor")).isEqualTo(table).isLessThanOrEqualTo(48);
    assertThat(sizes.get("FreeBlock")).isLessThanOrEqualTo(40);
    // The object itself, then an array with one reference per section.
    assertThat(sizes.get("empty map")).isBetween(4 * SECTIONS, 4 * SECTIONS + 80);
    assertThat(sizes.get("map after reading")).isEqualTo(sizes.get("empty map"));
    assertThat(sizes.get("one section")).isBetween(4096L, 4096 + arrayHeader);
    assertThat(sizes.get("full map"))
        .isBetween(4 * FRAMES, 4 * FRAMES + SECTIONS * (4 + arrayHeader) + 80);
  }

  /** What docs/decisions.md says about pages of fragments. */
  @ParameterizedTest
  @ValueSource(strings = {"-XX:-UseCompactObjectHeaders", "-XX:+UseCompactObjectHeaders"})
  void aPageOfFragmentsCostsAtMost48BytesAnd8AFragmentFrom16FragmentsOn(String flag)
      throws Exception {
    Map<String, Long> sizes = measure(flag);
    for (int n : new int[] {2, 4, 16, 256, 4096}) {
      long page = sizes.getOrDefault("fragments " + n, 0L);
      System.out.printf("%s: %d bytes per page of %d fragments%n", flag, page, n);
      assertThat(page).isPositive().isLessThanOrEqualTo(n < 16 ? 168 : 48 + 8 * n);
      assertThat(sizes.getOrDefault("tables " + n, 0L) - page)
          .as("references")
          .isBetween(4L * n, 4L * n + 8);
    }
  }

  private Map<String, Long> measure(String flag) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // JOL asks the JVM through an agent that it attaches to itself.
    command.addAll(
        List.of(
            "-Xshare:off",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djdk.attach.allowAttachSelf=true",
            "-XX:+EnableDynamicAgentLoading",
            "-XX:+UseSerialGC",
            flag));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), DescriptorSizes.class.getName()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(10, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output);
    assertThat(ended && process.exitValue() == 0).as("%s prints %s", flag, lines).isTrue();
    Map<String, Long> sizes = new HashMap<>();
    for (String line : lines) {
      assertThat(line).as("nothing but measurements").matches("[A-Za-z0-9 ]+=[0-9]+");
      int equals = line.indexOf('=');
      sizes.put(line.substring(0, equals), Long.valueOf(line.substring(equals + 1)));
    }
    return sizes;
  }
}
