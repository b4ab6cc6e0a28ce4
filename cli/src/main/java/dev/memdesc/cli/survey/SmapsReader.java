package dev.memdesc.cli.survey;

import dev.memdesc.cli.input.BadLines;
import dev.memdesc.cli.input.LineReader;
import dev.memdesc.cli.input.TextCursor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads smaps entry by entry: a line of maps, then lines {@code Key: number kB}, then {@code
 * VmFlags:} with two-letter words. Keys that this version does not know are passed over; older
 * kernels lack some. Source: Linux, proc_pid_smaps(5).
 */
final class SmapsReader {
  private static final String FILE = "smaps";

  private final LineReader lines;
  private final BadLines bad;
  private @Nullable Vma entry;
  private VmaDetails details = VmaDetails.UNKNOWN;
  private @Nullable Vma nextHeader;
  private boolean started;

  private long pageKiB;
  private long residentKiB;
  private long anonymousHugeKiB;
  private long otherHugeKiB;
  private boolean hugetlb;
  private boolean invisible;

  SmapsReader(LineReader lines, BadLines bad) {
    this.lines = lines;
    this.bad = bad;
  }

  /**
   * The details of {@code vma}. Call it in the order of maps: entries before {@code vma} that maps
   * does not have are passed over.
   *
   * @return null if smaps has no entry of exactly these addresses
   * @throws IOException if the file cannot be read on
   */
  @Nullable VmaDetails find(Vma vma) throws IOException {
    if (!started) {
      started = true;
      readToHeader();
      readEntry();
    }
    while (entry != null && Long.compareUnsigned(entry.start(), vma.start()) < 0) {
      readEntry();
    }
    Vma found = entry;
    return found != null && found.start() == vma.start() && found.end() == vma.end()
        ? details
        : null;
  }

  /** Makes the next header the entry at hand and reads its fields. */
  private void readEntry() throws IOException {
    entry = nextHeader;
    pageKiB = VmaDetails.UNKNOWN.pageKiB();
    residentKiB = 0;
    anonymousHugeKiB = 0;
    otherHugeKiB = 0;
    hugetlb = false;
    invisible = false;
    readToHeader();
    details =
        new VmaDetails(pageKiB, residentKiB, anonymousHugeKiB, otherHugeKiB, hugetlb, invisible);
  }

  private void readToHeader() throws IOException {
    nextHeader = null;
    while (nextHeader == null) {
      String line = lines.read();
      if (line == null) {
        return;
      }
      if (isField(line)) {
        readField(line);
        continue;
      }
      nextHeader = Vma.parse(line);
      if (nextHeader == null) {
        bad.add(FILE, lines.number(), "is neither a mapping nor a field", line);
      }
    }
  }

  private static boolean isField(String line) {
    return !line.isEmpty() && line.charAt(0) >= 'A' && line.charAt(0) <= 'Z';
  }

  private void readField(String line) {
    int colon = line.indexOf(':');
    String key = colon < 0 ? "" : line.substring(0, colon);
    boolean good = colon > 0;
    switch (key) {
      case "KernelPageSize", "Rss", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped" -> {
        long number = kiB(line, colon);
        good = number >= 0;
        if (good) {
          put(key, number);
        }
      }
      case "VmFlags" -> good = readFlags(line, colon);
      default -> {}
    }
    if (!good) {
      bad.add(FILE, lines.number(), "is not \"Key: number kB\"", line);
    }
  }

  private void put(String key, long number) {
    switch (key) {
      case "KernelPageSize" -> pageKiB = number;
      case "Rss" -> residentKiB = number;
      case "AnonHugePages" -> anonymousHugeKiB = number;
      default -> otherHugeKiB += number;
    }
  }

  /** The number of {@code Key: number kB}, or -1 if the line is not that. */
  private static long kiB(String line, int colon) {
    TextCursor text = new TextCursor(line.substring(colon + 1));
    text.skipBlanks();
    long number = text.decimal();
    return !text.failed() && text.rest().equals("kB") ? number : -1;
  }

  private boolean readFlags(String line, int colon) {
    TextCursor text = new TextCursor(line.substring(colon + 1));
    boolean good = true;
    for (text.skipBlanks(); !text.atEnd(); text.skipBlanks()) {
      String flag = text.word();
      good &= flag.length() == 2;
      hugetlb |= flag.equals("ht");
      invisible |= flag.equals("pf") || flag.equals("io");
    }
    return good;
  }
}
