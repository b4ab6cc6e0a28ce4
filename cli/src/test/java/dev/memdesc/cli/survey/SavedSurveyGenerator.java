package dev.memdesc.cli.survey;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes the folder of a saved survey of a process that never was, of any size. */
final class SavedSurveyGenerator {
  private static final long PRESENT = 1L << 63;
  private static final int WORDS = 1 << 16;

  private final Path folder;
  private final List<Area> areas = new ArrayList<>();
  private boolean withScan = true;
  private boolean withPagemap = true;

  private record Area(long va, long bytes, long runBytes, long stepBytes) {}

  /** A survey of process {@code pid} in {@code parent}. */
  SavedSurveyGenerator(Path parent, long pid) {
    this.folder = parent.resolve(Long.toString(pid));
  }

  /**
   * Anonymous memory, of which the first {@code runBytes} of every {@code stepBytes} is present.
   */
  SavedSurveyGenerator area(long va, long bytes, long runBytes, long stepBytes) {
    areas.add(new Area(va, bytes, runBytes, stepBytes));
    return this;
  }

  /** As a kernel without PAGEMAP_SCAN leaves it. */
  SavedSurveyGenerator withoutScan() {
    withScan = false;
    return this;
  }

  /** Without the words. */
  SavedSurveyGenerator withoutPagemap() {
    withPagemap = false;
    return this;
  }

  /** Writes the files; {@code tablesKiB} is what the kernel's VmPTE shall be. */
  void write(long tablesKiB) throws IOException {
    Files.createDirectories(folder);
    StringBuilder maps = new StringBuilder();
    StringBuilder smaps = new StringBuilder();
    long residentKiB = 0;
    for (Area area : areas) {
      String line = "%x-%x rw-p 00000000 00:00 0 \n".formatted(area.va, area.va + area.bytes);
      maps.append(line);
      long areaKiB = area.bytes / area.stepBytes * (area.runBytes >> 10);
      residentKiB += areaKiB;
      smaps
          .append(line)
          .append("KernelPageSize:        4 kB\n")
          .append("Rss: %15d kB\n".formatted(areaKiB))
          .append("VmFlags: rd wr mr mw me ac nh \n");
    }
    Files.writeString(folder.resolve("maps"), maps);
    Files.writeString(folder.resolve("smaps"), smaps);
    Files.writeString(
        folder.resolve("status"),
        "Name:\tgenerated\nState:\tS (sleeping)\nVmRSS:\t%d kB\nVmPTE:\t%d kB\n"
            .formatted(residentKiB, tablesKiB));
    Files.writeString(folder.resolve("survey"), "quiet yes\nmachine amd64\n");
    if (withScan) {
      writeScan();
    }
    if (withPagemap) {
      writePagemap();
    }
  }

  private void writeScan() throws IOException {
    StringBuilder scan = new StringBuilder();
    long lines = 0;
    for (Area area : areas) {
      for (long at = 0; at < area.bytes; at += area.stepBytes) {
        long start = area.va + at;
        scan.append(SavedFormat.scanLine(start, start + area.runBytes, Category.PRESENT))
            .append('\n');
        lines++;
      }
    }
    Files.writeString(folder.resolve("scan"), scan.append("end ").append(lines).append('\n'));
  }

  private void writePagemap() throws IOException {
    ByteBuffer words = ByteBuffer.allocateDirect(WORDS * 8).order(ByteOrder.LITTLE_ENDIAN);
    while (words.hasRemaining()) {
      words.putLong(PRESENT | 1);
    }
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("pagemap").toFile(), "rw")) {
      FileChannel channel = file.getChannel();
      long offset = 0;
      for (Area area : areas) {
        for (long at = 0; at < area.bytes; at += area.stepBytes) {
          long start = offset + at / 4096 * 8;
          long end = start + area.runBytes / 4096 * 8;
          while (start < end) {
            words.clear().limit((int) Math.min(words.capacity(), end - start));
            start += channel.write(words, start);
          }
        }
        offset += area.bytes / 4096 * 8;
      }
      file.setLength(offset);
    }
  }
}
