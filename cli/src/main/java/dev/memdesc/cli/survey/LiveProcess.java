package dev.memdesc.cli.survey;

import dev.memdesc.cli.input.BadLines;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A process of this machine, read from /proc. */
final class LiveProcess implements ProcessSource {
  private static final int BUFFER_BYTES = 1 << 19;

  private final Path folder;
  private final long pid;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment errno = Native.newErrno(arena);
  private int descriptor = -1;
  private @Nullable PageMapScan scan;
  private @Nullable FileChannel words;
  private @Nullable Activity before;

  /**
   * A process by its number.
   *
   * @param proc where the process file system is, /proc
   */
  LiveProcess(Path proc, long pid) {
    this.folder = proc.resolve(Long.toString(pid));
    this.pid = pid;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public String machine() {
    return System.getProperty("os.arch");
  }

  @Override
  public void begin(BadLines bad) {
    if (!Files.exists(folder)) {
      throw Failures.noSuchProcess(pid);
    }
    try {
      StatusText status = Activity.status(folder);
      if (status.state() == 'Z' || status.state() == 'X') {
        throw Failures.zombie(pid, status.name());
      }
      if (status.kernelThread() || status.tablesKiB() < 0) {
        throw Failures.kernelThread(pid, status.name());
      }
      // Opened first: it holds on to the memory that is surveyed, whatever becomes of the number.
      openPageMap();
      before = Activity.of(folder);
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  private void openPageMap() throws IOException {
    Path file = folder.resolve("pagemap");
    descriptor = Native.open(errno, file.toString());
    if (descriptor < 0) {
      int number = Native.errno(errno);
      throw number == Native.EACCES || number == Native.EPERM
          ? new AccessDeniedException(file.toString())
          : new IOException("errno " + number);
    }
    PageMapScan opened = new PageMapScan(descriptor);
    if (opened.isSupported()) {
      scan = opened;
    } else {
      opened.close();
    }
  }

  @Override
  public InputStream open(Text text) {
    Path file = folder.resolve(text.fileName());
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public boolean knowsHugePages() {
    return scan != null;
  }

  @Override
  public void regions(Vma vma, VmaDetails details, RegionSink sink) {
    if (scan != null) {
      scan.scan(vma.start(), vma.end(), sink);
      return;
    }
    PageWords reader = new PageWords(details, sink);
    ByteBuffer buffer = newBuffer();
    for (long va = vma.start(); va < vma.end(); ) {
      int read = readWords(va, vma.end(), buffer);
      if (read == 0) {
        break;
      }
      reader.take(va, buffer.asLongBuffer());
      va += read * PAGE_BYTES;
    }
    reader.finish();
  }

  /** A buffer for {@link #readWords}. */
  static ByteBuffer newBuffer() {
    return ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads the words of the pages from {@code va} to at most {@code end} (exclusive).
   *
   * @return how many were read; 0 if the kernel has none there
   */
  int readWords(long va, long end, ByteBuffer buffer) {
    Path file = folder.resolve("pagemap");
    try {
      if (words == null) {
        words = FileChannel.open(file, StandardOpenOption.READ);
      }
      long most = (end - va) / PAGE_BYTES * PageWords.WORD_BYTES;
      buffer.clear().limit((int) Math.min(BUFFER_BYTES, most));
      int bytes = words.read(buffer, va / PAGE_BYTES * PageWords.WORD_BYTES);
      buffer.flip();
      return Math.max(0, bytes) / PageWords.WORD_BYTES;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public boolean finish(boolean everyMapping) {
    try {
      Activity after = Activity.of(folder);
      if (after.tablesKiB() < 0) {
        throw Failures.endedMeanwhile(pid);
      }
      return before != null && before.isQuietUntil(after);
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  /**
   * The kernel's own words for "it ended" depend on the file, so look whether it is still there.
   */
  private RuntimeException failure(Path file, IOException cause) {
    if (cause instanceof AccessDeniedException denied) {
      return Failures.noPermission(pid, denied.getFile());
    }
    return hasMemory() ? Failures.opening(pid, file, cause) : Failures.endedMeanwhile(pid);
  }

  private boolean hasMemory() {
    try {
      return Activity.status(folder).tablesKiB() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    if (scan != null) {
      scan.close();
    }
    if (descriptor >= 0) {
      Native.close(errno, descriptor);
      descriptor = -1;
    }
    arena.close();
    try {
      if (words != null) {
        words.close();
      }
    } catch (IOException e) {
      throw Failures.unreadable(folder, e.toString(), e);
    }
  }
}
