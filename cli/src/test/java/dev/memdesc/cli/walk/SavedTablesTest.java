package dev.memdesc.cli.walk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.core.image.Finding;
import dev.memdesc.core.image.ImageTables;
import dev.memdesc.core.image.ImageWalk;
import dev.memdesc.core.image.LevelCensus;
import dev.memdesc.core.image.MemoryImage;
import dev.memdesc.referee.GuestRam;
import java.io.RandomAccessFile;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that the library wrote to a file are read from it as it reads them itself. */
class SavedTablesTest {
  private static final long BUDGET = 100_000;
  private static final long SEED = 20261122;
  private static final int ROUNDS = 150;

  @TempDir private Path folder;

  private static void agrees(SavedSpace saved, MemoryImage image) {
    SavedSpace.Shown shown = new SavedSpace.Shown();
    ImageTables tables = new ImageTables(saved.space.format(), image, saved.space.rootPa());
    List<LevelCensus> levels = ImageWalk.of(tables, shown, BUDGET);
    assertThat(shown.lines).hasSizeGreaterThan(5).isEqualTo(saved.visited());
    assertThat(shown.findings).isEmpty();
    assertThat(levels.stream().map(LevelCensus::tables))
        .isEqualTo(
            saved.space.counts().levels().stream()
                .limit(levels.size())
                .map(TableCounts.Level::linked)
                .toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x86/4-level",
        "x86/4-level-pti",
        "x86/5-level",
        "x86/pae",
        "s390/3-level",
        "s390/5-level-linux",
        "s390/4-level-pgste",
        "arm64/16k-48",
        "arm64/16k-52",
        "arm64/4k-48",
        "arm64/4k-48-ttbr1",
        "arm64/64k-52",
        "arm64/s2-4k-40",
        "powerpc/radix-64k",
        "powerpc/radix-4k"
      })
  void aRawImageShowsWhatTheLiveSpaceShows(String arch) {
    Path file = folder.resolve("ram");
    try (SavedSpace saved = new SavedSpace(arch, file, 0).filled();
        MemoryImage image = MemoryImage.open(file, null)) {
      agrees(saved, image);
      assertThat(image.isElfCore()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"x86/4-level", "s390/3-level", "powerpc/radix-64k"})
  void aRawImageMayBeginAnywhere(String arch) {
    Path file = folder.resolve("ram");
    long base = 5L << 32;
    try (SavedSpace saved = new SavedSpace(arch, file, base).filled();
        MemoryImage image = MemoryImage.open(file, base)) {
      agrees(saved, image);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "x86/4-level, LITTLE_ENDIAN, true",
    "x86/pae, LITTLE_ENDIAN, false",
    "s390/4-level, BIG_ENDIAN, true",
    "arm64/16k-48, LITTLE_ENDIAN, true"
  })
  void aCoreIsTheSame(String arch, String byteOrder, boolean wide) throws Exception {
    ByteOrder order =
        byteOrder.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    Path file = folder.resolve("ram");
    try (SavedSpace saved = new SavedSpace(arch, file, 0).filled()) {
      byte[] ram = Files.readAllBytes(file);
      // Cut in the middle of a table, the second half first in the file; beyond 2 GiB if it may.
      int cut = (int) saved.space.rootPa() + 8;
      long far = wide ? 5L << 30 : 1L << 30;
      Path core = folder.resolve("core");
      new CoreFile(order, wide)
          .with(cut, 8192, Arrays.copyOfRange(ram, cut, ram.length))
          .with(0, far, Arrays.copyOf(ram, cut))
          .with(0, 4096, Arrays.copyOf(ram, 4096)) // once more, as with paging
          .write(core);
      try (MemoryImage image = MemoryImage.open(core, null)) {
        assertThat(image.isElfCore()).isTrue();
        assertThat(image.bytes()).isEqualTo(ram.length);
        agrees(saved, image);
      }
    }
  }

  @Test
  void theRamOfAGuestIsARawImage() {
    Path file = folder.resolve("guest");
    try (GuestRam ram = new GuestRam(file, ByteOrder.BIG_ENDIAN);
        SavedSpace saved = new SavedSpace("s390/4-level", ram.file(), 0, GuestRam.BYTES).filled();
        MemoryImage image = MemoryImage.open(file, null)) {
      agrees(saved, image);
      assertThat(image.bytes()).isEqualTo(256L << 30);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x86/4-level",
        "x86/pae",
        "s390/4-level",
        "s390/4-level-linux",
        "arm64/16k-48",
        "arm64/4k-52",
        "arm64/s2-4k-40",
        "powerpc/radix-64k",
        "powerpc/hash-64k"
      })
  void damagedTablesEndEveryWalk(String arch) throws Exception {
    Path file = folder.resolve("ram");
    Random random = new Random(SEED);
    long findings = 0;
    try (SavedSpace saved = new SavedSpace(arch, file, 0, 1 << 24).filled()) {
      byte[] original = Files.readAllBytes(file);
      int[] used = IntStream.range(0, original.length).filter(i -> original[i] != 0).toArray();
      Path damaged = Files.write(folder.resolve("damaged"), original);
      try (RandomAccessFile bytes = new RandomAccessFile(damaged.toFile(), "rw");
          MemoryImage image = MemoryImage.open(damaged, null)) {
        for (int round = 0; round < ROUNDS; round++) {
          int[] places = new int[1 + random.nextInt(60)];
          for (int i = 0; i < places.length; i++) {
            int word =
                random.nextBoolean() ? used[random.nextInt(used.length)] : random.nextInt(1 << 16);
            places[i] = (word & -8) + random.nextInt(8);
            bytes.seek(places[i]);
            bytes.write(original[places[i]] ^ 1 << random.nextInt(8));
          }
          findings += findings(saved, image, "seed " + SEED + ", round " + round + ", " + arch);
          for (int place : places) {
            bytes.seek(place);
            bytes.write(original[place]);
          }
        }
        agrees(saved, image);
      }
    }
    assertThat(findings).as("findings, seed %d", SEED).isPositive();
  }

  /** Walks everything, and the way to everything that is wrong. */
  private static int findings(SavedSpace saved, MemoryImage image, String what) {
    try {
      SavedSpace.Shown shown = new SavedSpace.Shown();
      ImageTables tables = new ImageTables(saved.space.format(), image, saved.space.rootPa());
      ImageWalk.of(tables, shown, BUDGET);
      for (Finding finding : shown.findings) {
        tables.path(finding.va());
      }
      return shown.findings.size();
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }
}
