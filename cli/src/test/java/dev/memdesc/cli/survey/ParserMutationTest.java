package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.PageTableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every file of a saved survey, damaged at random: a clear refusal or a report, nothing else. */
class ParserMutationTest {
  private static final long SEED = 20261121;
  private static final int ROUNDS = 400;
  private static final String[] FILES = {"maps", "smaps", "status", "scan", "pagemap", "survey"};

  @TempDir private Path folder;

  @Test
  void damagedFilesNeverCauseAnotherException() throws IOException {
    Random random = new Random(SEED);
    new SavedSurveyGenerator(folder, 1)
        .area(0x400000, 0x200000, 0x3000, 0x10000)
        .area(0x7f0000000000L, 0x800000, 0x200000, 0x400000)
        .write(24);
    Path saved = folder.resolve("1");
    byte[][] originals = new byte[FILES.length][];
    for (int i = 0; i < FILES.length; i++) {
      originals[i] = Files.readAllBytes(saved.resolve(FILES[i]));
    }
    int reports = 0;
    int refusals = 0;
    try (SpaceFactory spaces = new CoreSpaces("x86/4-level")) {
      for (int round = 0; round < ROUNDS; round++) {
        int file = random.nextInt(FILES.length);
        boolean scan = random.nextBoolean();
        Files.write(saved.resolve(FILES[file]), damaged(originals[file], random));
        if (!scan) {
          Files.delete(saved.resolve("scan"));
        }
        try (ProcessSource source = new SavedProcess(saved, 1)) {
          new Surveyor(List.of(spaces), 3).take(source);
          reports++;
        } catch (PageTableException e) {
          assertThat(e).as("seed %d round %d", SEED, round).hasMessageContaining(": ");
          refusals++;
        }
        Files.write(saved.resolve(FILES[file]), originals[file]);
        Files.write(saved.resolve("scan"), originals[3]);
      }
    }
    assertThat(reports).as("reports, seed %d", SEED).isPositive();
    assertThat(refusals).as("refusals, seed %d", SEED).isPositive();
  }

  private static byte[] damaged(byte[] original, Random random) {
    byte[] bytes = original.clone();
    switch (random.nextInt(4)) {
      case 0 -> {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      case 1 -> {
        int from = random.nextInt(bytes.length);
        int length = random.nextInt(Math.min(200, bytes.length - from));
        byte[] shorter = new byte[bytes.length - length];
        System.arraycopy(bytes, 0, shorter, 0, from);
        System.arraycopy(bytes, from + length, shorter, from, bytes.length - from - length);
        return shorter;
      }
      case 2 -> {
        for (int i = 1 + random.nextInt(20); i > 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
      }
      default -> {
        // Digits and letters of the same kind: lines that still look right.
        for (int i = 0; i < 200; i++) {
          int at = random.nextInt(bytes.length);
          if (bytes[at] >= '0' && bytes[at] <= '9') {
            bytes[at] = (byte) ('0' + random.nextInt(10));
          }
        }
      }
    }
    return bytes;
  }
}
