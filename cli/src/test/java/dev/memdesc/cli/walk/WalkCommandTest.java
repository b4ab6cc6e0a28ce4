package dev.memdesc.cli.walk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Hex;
import dev.memdesc.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.jr.ob.JSON;

/** {@code memdesc walk}: what it prints, its keys, its exit codes and what it refuses. */
class WalkCommandTest {
  private static final int TABLE = 4096;
  private static final long PRESENT = 7;

  @TempDir private Path folder;
  private Path file = Path.of("");
  private long root;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void save() {
    file = folder.resolve("ram");
    try (SavedSpace saved = new SavedSpace("x86/4-level", file, 0, 1 << 20);
        Gather gather = saved.space.gather()) {
      root = saved.space.rootPa();
      saved.space.map(0x7F1234567000L, 0xABCDE000L, 0x3000, Attributes.USER_DATA, gather);
      saved.space.map(0x7F1234600000L, 0x40000000L, 0x200000, Attributes.USER_CODE, gather);
      saved.machine.memory().force();
      // Closing clears the tables: what is saved is what there was.
      copy(file, folder.resolve("saved"));
    }
    file = folder.resolve("saved");
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int walk(String... more) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> args = new ArrayList<>(List.of("walk", file.toString()));
    args.addAll(List.of(more));
    return line.execute(args.toArray(String[]::new));
  }

  private int walkRoot(String... more) {
    List<String> args = new ArrayList<>(List.of("--arch", "x86", "--root", Hex.of(root)));
    args.addAll(List.of(more));
    return walk(args.toArray(String[]::new));
  }

  private long item(long pa) throws Exception {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
      bytes.seek(pa);
      return Long.reverseBytes(bytes.readLong());
    }
  }

  private void store(long pa, long item) throws Exception {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(pa);
      bytes.writeLong(Long.reverseBytes(item));
    }
  }

  @Test
  void rangesLevelsAndExitZero() {
    assertThat(walkRoot()).isZero();
    assertThat(err.toString()).isEmpty();
    assertThat(out.toString())
        .contains("x86/4-level, root " + Hex.of(root) + ", raw memory of 1048576 bytes")
        .containsPattern(
            "0x00007f1234567000  0x00007f1234569fff  0x00000000abcde000 +12  4K +rw- user write")
        .containsPattern("0x0000000040000000 +2,048  2M +r-x user")
        .contains("mapped: 2060 KiB in 2 ranges\n")
        .containsPattern("3 +PML4 +1 +1 +0 ")
        .doesNotContain("found:", "note:");
  }

  @Test
  void aLimitHidesButCounts() {
    assertThat(walkRoot("--limit", "1")).isZero();
    assertThat(out.toString()).contains("in 2 ranges; 1 of them are not shown, see --limit");
    assertThat(walkRoot("--limit", "-1")).isEqualTo(2);
    assertThat(walkRoot("--budget", "2")).isEqualTo(1);
    assertThat(out.toString()).contains("found: more tables than the walk may visit: 1 times");
  }

  @Test
  void jsonHasTheDocumentedKeys() throws Exception {
    assertThat(walkRoot("--json")).isZero();
    Map<String, Object> tree = JSON.std.mapFrom(out.toString());
    assertThat(tree)
        .containsOnlyKeys(
            "format",
            "root",
            "kind",
            "parts",
            "mappedBytes",
            "rangeCount",
            "ranges",
            "levels",
            "findingCount",
            "findingCounts",
            "findings")
        .containsEntry("kind", "raw")
        .containsEntry("mappedBytes", 0x203000)
        .containsEntry("findingCount", 0);
    assertThat(out.toString()).contains("\"leafBytes\" : 2097152", "\"write\" : true");
    assertThat(out.toString()).contains("\"occupancy\" : [ 0, 1, 0, 0, 0, 0 ]");
  }

  @Test
  void aVaIsExplainedLevelByLevel() throws Exception {
    assertThat(walkRoot("--va", "0x7F1234568123")).isZero();
    assertThat(out.toString())
        .contains("level 3 (PML4), item 254 at pa " + Hex.of(root + 254 * 8))
        .containsPattern("51:12 +PA +0xabcdf")
        .contains("leaf of 4K at pa 0x00000000abcdf000: rw- user")
        .contains("the va translates to pa 0x00000000abcdf123\n");
    assertThat(walkRoot("--va", "0x7F1234618123", "--json")).isZero();
    Map<String, Object> tree = JSON.std.mapFrom(out.toString());
    assertThat(tree)
        .containsOnlyKeys("format", "va", "steps", "end", "pa", "explanation")
        .containsEntry("end", "mapped")
        .containsEntry("pa", "0x0000000040018123");
    assertThat((List<?>) tree.get("steps")).hasSize(3);
    assertThat(walkRoot("--va", "0x1000")).isZero();
    assertThat(out.toString()).contains("the va is not mapped: the item is empty");
  }

  @Test
  void whatIsWrongIsShownAndEndsWithOne() throws Exception {
    long pdpt = item(root + 254 * 8) & ~0xFFFL;
    store(root, root | PRESENT); // a loop
    store(root + 8, 0x7FFF_F000L | PRESENT); // outside the file
    store(root + 16, pdpt | PRESENT); // once more
    store(pdpt, 0x10_0000_0000L | PRESENT | 1 << 7 | 1 << 13); // a leaf of 1G with a reserved bit
    assertThat(walkRoot()).isEqualTo(1);
    assertThat(out.toString())
        .contains("found: an item that leads back to a table above it: 1 times\n")
        .contains(
            "va 0x0000000000000000, item " + Hex.of(root | PRESENT) + " at pa " + Hex.of(root))
        .contains("found: an item that leads to a table outside the file: 1 times\n")
        .contains("found: an item that hardware would report: 1 times\n")
        .contains("which is not shown again: 1\n")
        .contains("a PDPT at pa 0x000000007ffff000");
    assertThat(walkRoot("--json")).isEqualTo(1);
    assertThat(JSON.std.mapFrom(out.toString()).get("findingCounts"))
        .isEqualTo(Map.of("loop", 1, "table-outside", 1, "invalid-item", 1));
    assertThat(walkRoot("--va", "0x8000000000")).isEqualTo(1);
    assertThat(out.toString()).contains("the file does not have the item in the table at pa");
  }

  @Test
  void refusalsAreOneLine() throws Exception {
    refused(2, "--arch", "x68", "--root", "0");
    refused(2, "--arch", "x86");
    refused(2, "--arch", "x86", "--root", "0x123");
    refused(2, "--arch", "x86", "--root", "0", "--va", "0x800000000000");
    refused(1, "--arch", "x86", "--root", "0x7000000000");
    assertThat(err.toString()).startsWith("memdesc: the file has the whole root table: root=0x");
    Path good = file;
    file = folder.resolve("nothing");
    refused(1, "--arch", "x86", "--root", "0");
    file = folder;
    refused(1, "--arch", "x86", "--root", "0");
    file = Files.createFile(folder.resolve("empty"));
    refused(1, "--arch", "x86", "--root", "0");
    file = Files.write(folder.resolve("short"), new byte[100]);
    refused(1, "--arch", "x86", "--root", "0");
    file = Files.writeString(folder.resolve("kdump"), "KDUMP   and more");
    refused(1, "--arch", "x86", "--root", "0");
    file = good;
  }

  @Test
  void brokenCoresAreRefusedInOneLine() throws Exception {
    file = folder.resolve("core");
    new CoreFile(ByteOrder.LITTLE_ENDIAN, true).with(0x1000, 8192, new byte[3 * TABLE]).write(file);
    assertThat(walk("--arch", "x86", "--root", "0x1000")).isZero();
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {4, 20, 63, 100, 150, 8192, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      refused(1, "--arch", "x86", "--root", "0x1000");
      assertThat(err.toString()).as("%d bytes", length).contains("truncated: file=");
    }
    whole[16] = 2; // ET_EXEC
    Files.write(file, whole);
    refused(1, "--arch", "x86", "--root", "0x1000");
    file = folder.resolve("process");
    new CoreFile(ByteOrder.LITTLE_ENDIAN, true)
        .with(0, 8192, new byte[TABLE])
        .with(0, 16384, new byte[TABLE])
        .write(file);
    refused(1, "--arch", "x86", "--root", "0x0");
    assertThat(err.toString()).contains("the core of a process does not say it");
  }

  private void refused(int exit, String... args) {
    assertThat(walk(args)).as(err.toString()).isEqualTo(exit);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).startsWith("memdesc: ").hasLineCount(1);
  }
}
