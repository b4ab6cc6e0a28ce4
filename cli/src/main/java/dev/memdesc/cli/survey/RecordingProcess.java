package dev.memdesc.cli.survey;

import dev.memdesc.cli.input.BadLines;
import java.io.BufferedWriter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A live process whose survey is written to a folder while it is taken: the very bytes and regions
 * that the survey uses, so that {@link SavedProcess} gives the same numbers.
 */
final class RecordingProcess implements ProcessSource {
  private final LiveProcess live;
  private final Path folder;
  private final ByteBuffer buffer = LiveProcess.newBuffer();
  private @Nullable RandomAccessFile pagemap;
  private @Nullable BufferedWriter scan;
  private long scanLines;
  private long mappingOffset;

  /**
   * Records {@code live}, which it closes, to {@code parent}/PID.
   *
   * @param parent made if it is missing
   */
  RecordingProcess(LiveProcess live, Path parent) {
    this.live = live;
    this.folder = parent.resolve(Long.toString(live.pid()));
  }

  @Override
  public long pid() {
    return live.pid();
  }

  @Override
  public String machine() {
    return live.machine();
  }

  @Override
  public void begin(BadLines bad) {
    live.begin(bad);
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(folder.resolve(SavedFormat.ABOUT));
      Files.deleteIfExists(folder.resolve(SavedFormat.SCAN));
      Files.deleteIfExists(folder.resolve(SavedFormat.PAGEMAP));
      pagemap = new RandomAccessFile(folder.resolve(SavedFormat.PAGEMAP).toFile(), "rw");
      if (live.knowsHugePages()) {
        scan = Files.newBufferedWriter(folder.resolve(SavedFormat.SCAN));
      }
    } catch (IOException e) {
      throw Failures.unwritable(folder, e);
    }
  }

  @Override
  public InputStream open(Text text) {
    Path file = folder.resolve(text.fileName());
    try {
      return new Tee(live.open(text), Files.newOutputStream(file));
    } catch (IOException e) {
      throw Failures.unwritable(file, e);
    }
  }

  @Override
  public boolean knowsHugePages() {
    return live.knowsHugePages();
  }

  @Override
  public void regions(Vma vma, VmaDetails details, RegionSink sink) {
    live.regions(
        vma,
        details,
        (start, end, categories) -> {
          saveRegion(vma, start, end, categories);
          sink.region(start, end, categories);
        });
    mappingOffset += vma.bytes() / PAGE_BYTES * PageWords.WORD_BYTES;
  }

  private void saveRegion(Vma vma, long start, long end, int categories) {
    try {
      if (scan != null) {
        scan.append(SavedFormat.scanLine(start, end, categories)).append('\n');
        scanLines++;
      }
      for (long va = start; va < end; ) {
        int read = live.readWords(va, end, buffer);
        if (read == 0) {
          break;
        }
        long offset = mappingOffset + (va - vma.start()) / PAGE_BYTES * PageWords.WORD_BYTES;
        while (buffer.hasRemaining()) {
          offset += pagemapFile().getChannel().write(buffer, offset);
        }
        va += read * PAGE_BYTES;
      }
    } catch (IOException e) {
      throw Failures.unwritable(folder, e);
    }
  }

  private RandomAccessFile pagemapFile() {
    if (pagemap == null) {
      throw new IllegalStateException("begin comes before regions");
    }
    return pagemap;
  }

  @Override
  public boolean finish(boolean everyMapping) {
    boolean quiet = live.finish(everyMapping);
    try {
      pagemapFile().setLength(mappingOffset);
      if (scan != null) {
        scan.append(SavedFormat.SCAN_END + " " + scanLines + "\n");
        scan.close();
        scan = null;
      }
      // Written last: a folder without it was not finished.
      Files.writeString(
          folder.resolve(SavedFormat.ABOUT),
          "%s %s%n%s %s%n"
              .formatted(SavedFormat.QUIET, quiet ? "yes" : "no", SavedFormat.MACHINE, machine()));
    } catch (IOException e) {
      throw Failures.unwritable(folder, e);
    }
    return quiet;
  }

  @Override
  public void close() {
    live.close();
    try {
      if (pagemap != null) {
        pagemap.close();
      }
      if (scan != null) {
        scan.close();
      }
    } catch (IOException e) {
      throw Failures.unwritable(folder, e);
    }
  }

  /** Hands bytes on and writes them to a file. */
  private static final class Tee extends FilterInputStream {
    private final OutputStream copy;

    Tee(InputStream in, OutputStream copy) {
      super(in);
      this.copy = copy;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      if (read > 0) {
        copy.write(bytes, offset, read);
      }
      return read;
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        copy.close();
      }
    }
  }
}
