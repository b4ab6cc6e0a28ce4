package dev.memdesc.cli.survey;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The words of a saved pagemap, a sparse file: only its data extents are read, so that a
 * reservation of 16 TiB, 32 GiB of words, takes no time. File systems that know no holes show the
 * whole file as one extent.
 */
final class SparseWords implements AutoCloseable {
  private final FileChannel channel;
  private final long bytes;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment errno = Native.newErrno(arena);
  private final int descriptor;
  private final ByteBuffer buffer = LiveProcess.newBuffer();
  // The last extent found: offsets ascend, so up to its end nothing has to be asked.
  private long dataStart;
  private long dataEnd;

  SparseWords(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.READ);
    bytes = channel.size();
    descriptor = Native.open(errno, file.toString());
    if (descriptor < 0) {
      throw new IOException("open: errno " + Native.errno(errno));
    }
  }

  /** Bytes of the file, holes too. */
  long bytes() {
    return bytes;
  }

  /**
   * Reads the words at {@code from}..{@code to} (exclusive, in bytes of the file), of which the
   * first is the page at {@code va}'s.
   *
   * @throws IOException if the file cannot be read
   */
  void read(long from, long to, long va, PageWords reader) throws IOException {
    long at = from;
    while (at < to) {
      findData(at);
      long start = Math.max(at, dataStart);
      if (start >= to) {
        return;
      }
      long end = Math.min(to, dataEnd);
      long page = va + (start - from) / PageWords.WORD_BYTES * ProcessSource.PAGE_BYTES;
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - start));
      int read = channel.read(buffer, start) & -PageWords.WORD_BYTES;
      if (read <= 0) {
        throw new IOException("the file became shorter while it was read");
      }
      buffer.flip().limit(read);
      reader.take(page, buffer.asLongBuffer());
      at = start + read;
    }
  }

  /** Finds the extent that holds {@code offset}, or the first one behind it. */
  private void findData(long offset) throws IOException {
    if (offset < dataEnd) {
      return;
    }
    long data = Native.lseek(errno, descriptor, offset, Native.SEEK_DATA);
    if (data < 0 && Native.errno(errno) == Native.ENXIO) {
      dataStart = Long.MAX_VALUE; // Holes to the end of the file.
      dataEnd = Long.MAX_VALUE;
      return;
    }
    long hole = data < 0 ? -1 : Native.lseek(errno, descriptor, data, Native.SEEK_HOLE);
    if (hole < 0) {
      throw new IOException("lseek: errno " + Native.errno(errno));
    }
    dataStart = data & -PageWords.WORD_BYTES;
    dataEnd = Math.max(dataStart, hole);
  }

  @Override
  public void close() throws IOException {
    Native.close(errno, descriptor);
    arena.close();
    channel.close();
  }
}
