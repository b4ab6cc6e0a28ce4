package dev.memdesc.cli.survey;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.input.BadLines;
import dev.memdesc.cli.input.LineReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A process as {@code survey --save} wrote it to a folder, or as someone copied it from /proc. */
final class SavedProcess implements ProcessSource {
  private final Path folder;
  private final long pid;
  private String machine = "";
  private boolean quiet;
  private @Nullable InputStream scanFile;
  private @Nullable ScanText scan;
  private @Nullable SparseWords words;
  private long mappingOffset;

  /** The process in {@code folder}, whose name is its number. */
  SavedProcess(Path folder, long pid) {
    this.folder = folder;
    this.pid = pid;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public String machine() {
    return machine;
  }

  @Override
  public void begin(BadLines bad) {
    readAbout(bad);
    Path scanPath = folder.resolve(SavedFormat.SCAN);
    Path pagemapPath = folder.resolve(SavedFormat.PAGEMAP);
    boolean hasScan = Files.exists(scanPath);
    if (!hasScan && !Files.exists(pagemapPath)) {
      throw PageTableException.because(Reason.INPUT, "a saved survey has a scan or a pagemap")
          .with("folder", folder)
          .build();
    }
    try {
      if (Files.exists(pagemapPath)) {
        words = new SparseWords(pagemapPath);
      }
      if (hasScan) {
        scanFile = Files.newInputStream(scanPath);
        scan = new ScanText(scanPath, new LineReader(scanFile), bad);
      }
    } catch (IOException e) {
      throw Failures.opening(pid, folder, e);
    }
  }

  private void readAbout(BadLines bad) {
    Path file = folder.resolve(SavedFormat.ABOUT);
    if (!Files.exists(file)) {
      return;
    }
    try (InputStream in = Files.newInputStream(file)) {
      LineReader lines = new LineReader(in);
      for (String line = lines.read(); line != null; line = lines.read()) {
        int blank = line.indexOf(' ');
        if (blank < 0) {
          bad.add(SavedFormat.ABOUT, lines.number(), "is not \"key value\"", line);
          continue;
        }
        String value = line.substring(blank + 1);
        switch (line.substring(0, blank)) {
          case SavedFormat.QUIET -> quiet = value.equals("yes");
          case SavedFormat.MACHINE -> machine = value;
          default -> {}
        }
      }
    } catch (IOException e) {
      throw Failures.opening(pid, file, e);
    }
  }

  @Override
  public InputStream open(Text text) {
    Path file = folder.resolve(text.fileName());
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw Failures.opening(pid, file, e);
    }
  }

  @Override
  public boolean knowsHugePages() {
    return scan != null;
  }

  @Override
  public void regions(Vma vma, VmaDetails details, RegionSink sink) {
    long offset = mappingOffset;
    mappingOffset += vma.bytes() / PAGE_BYTES * PageWords.WORD_BYTES;
    if (words != null && mappingOffset > words.bytes()) {
      throw wrongLength(words);
    }
    try {
      if (scan != null) {
        scan.regions(vma, sink);
      } else if (words != null) {
        PageWords reader = new PageWords(details, sink);
        words.read(offset, mappingOffset, vma.start(), reader);
        reader.finish();
      }
    } catch (IOException e) {
      throw Failures.unreadable(folder, e.toString(), e);
    }
  }

  private PageTableException wrongLength(SparseWords file) {
    return PageTableException.because(
            Reason.INPUT, "a saved pagemap has one word for every page of every line of maps")
        .with("file", folder.resolve(SavedFormat.PAGEMAP))
        .with("bytes", file.bytes())
        .with("neededBytes", (mappingOffset > file.bytes() ? "at least " : "") + mappingOffset)
        .hint("one of the two files was cut; save the survey again")
        .build();
  }

  @Override
  public boolean finish(boolean everyMapping) {
    if (everyMapping && words != null && words.bytes() != mappingOffset) {
      throw wrongLength(words);
    }
    try {
      if (scan != null) {
        scan.finish();
      }
    } catch (IOException e) {
      throw Failures.unreadable(folder, e.toString(), e);
    }
    return quiet;
  }

  @Override
  public void close() {
    try {
      if (scanFile != null) {
        scanFile.close();
      }
      if (words != null) {
        words.close();
      }
    } catch (IOException e) {
      throw Failures.unreadable(folder, e.toString(), e);
    }
  }
}
