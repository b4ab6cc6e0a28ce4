package dev.memdesc.core.image;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Physical memory in a file, of any size: what is asked for is read, and nothing else. For one
 * thread.
 */
public final class MemoryImage implements AutoCloseable {
  private static final int MAGIC_BYTES = 16;
  private static final List<String> FOREIGN_MAGICS =
      List.of("KDUMP   ", "DISKDUMP", "makedumpfile");

  private final Path file;
  private final FileChannel channel;
  private final boolean core;
  private final List<ImagePart> parts;

  private MemoryImage(Path file, FileChannel channel, boolean core, List<ImagePart> parts) {
    this.file = file;
    this.channel = channel;
    this.core = core;
    this.parts = disjoint(parts);
  }

  /**
   * Opens a file: an ELF core if it begins as one, else raw memory.
   *
   * @param base the pa of the first byte of a raw file, which says too that the file is raw; null
   *     for 0
   * @throws PageTableException with {@link Reason#INPUT} if it cannot be read, is empty, is
   *     truncated, or is of a kind that is not known
   */
  public static MemoryImage open(Path file, @Nullable Long base) {
    if (!Files.isRegularFile(file)) {
      throw bad("a memory image is a file that can be read", file)
          .with("found", Files.exists(file) ? "no regular file" : "nothing")
          .build();
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file);
      ByteBuffer magic = ByteBuffer.allocate(MAGIC_BYTES);
      readFully(channel, 0, magic);
      String begin = new String(magic.array(), StandardCharsets.ISO_8859_1);
      boolean core = base == null && ElfCore.isElf(magic);
      if (base == null && FOREIGN_MAGICS.stream().anyMatch(begin::startsWith)) {
        throw bad("a memory image is raw or an ELF core", file)
            .with("found", "a kdump file")
            .hint("dump it without compression, or convert it to ELF")
            .build();
      }
      return new MemoryImage(
          file,
          channel,
          core,
          core
              ? new ElfCore(file, channel).parts()
              : List.of(raw(file, channel.size(), base == null ? 0 : base)));
    } catch (IOException e) {
      close(channel);
      throw unreadable(file, e);
    } catch (RuntimeException | Error e) {
      close(channel);
      throw e;
    }
  }

  private static ImagePart raw(Path file, long size, long base) {
    if (size == 0) {
      throw bad("a memory image has at least one byte", file).with("bytes", 0).build();
    }
    if (Long.compareUnsigned(base + (size - 1), base) < 0) {
      throw bad("a memory image ends at or before the last pa", file)
          .hex("base", base)
          .hex("bytes", size)
          .build();
    }
    return new ImagePart(base, 0, size);
  }

  /** The parts in ascending order, each pa once: the tables of a kernel may show memory twice. */
  private static List<ImagePart> disjoint(List<ImagePart> parts) {
    List<ImagePart> sorted = new ArrayList<>(parts);
    sorted.sort(Comparator.comparing(ImagePart::pa, Long::compareUnsigned));
    List<ImagePart> result = new ArrayList<>();
    for (ImagePart part : sorted) {
      long end = result.isEmpty() ? -1L : result.getLast().lastPa();
      if (result.isEmpty() || Long.compareUnsigned(part.pa(), end) > 0) {
        result.add(part);
      } else if (Long.compareUnsigned(part.lastPa(), end) > 0) {
        result.add(part.from(end + 1));
      }
    }
    return List.copyOf(result);
  }

  /** Whether the file is an ELF core; otherwise it is raw. */
  public boolean isElfCore() {
    return core;
  }

  /** What of physical memory the file has, ascending and disjoint. */
  public List<ImagePart> parts() {
    return parts;
  }

  /** How many bytes of physical memory the file has. */
  public long bytes() {
    return parts.stream().mapToLong(ImagePart::bytes).sum();
  }

  /**
   * Reads as many bytes from {@code pa} as there is room.
   *
   * @return whether the file has them all; if not, what is in {@code into} is undefined
   * @throws PageTableException with {@link Reason#INPUT} if the file cannot be read
   */
  public boolean read(long pa, ByteBuffer into) {
    int end = into.limit();
    long at = pa;
    while (into.position() < end) {
      ImagePart part = partOf(at);
      if (part == null) {
        return false;
      }
      long inside = at - part.pa();
      int now = (int) Math.min(end - into.position(), part.bytes() - inside);
      into.limit(into.position() + now);
      try {
        if (!readFully(channel, part.offset() + inside, into)) {
          throw bad("a memory image does not become shorter while it is read", file)
              .hex("pa", at)
              .build();
        }
      } catch (IOException e) {
        throw unreadable(file, e);
      }
      into.limit(end);
      at += now;
    }
    return true;
  }

  private @Nullable ImagePart partOf(long pa) {
    int low = 0;
    int high = parts.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      ImagePart part = parts.get(middle);
      if (Long.compareUnsigned(pa, part.pa()) < 0) {
        high = middle - 1;
      } else if (Long.compareUnsigned(pa, part.lastPa()) > 0) {
        low = middle + 1;
      } else {
        return part;
      }
    }
    return null;
  }

  /** Fills the rest of a buffer from a place in a file; whether the file was long enough. */
  static boolean readFully(FileChannel channel, long offset, ByteBuffer into) throws IOException {
    long at = offset;
    while (into.hasRemaining()) {
      int read = channel.read(into, at);
      if (read < 0) {
        return false;
      }
      at += read;
    }
    return true;
  }

  /** Begins the message about a file. */
  static PageTableException.Builder bad(String rule, Path file) {
    return PageTableException.because(Reason.INPUT, rule).with("file", file);
  }

  private static PageTableException unreadable(Path file, IOException cause) {
    return bad("a memory image is a file that can be read", file)
        .with("error", cause.toString())
        .build(cause);
  }

  private static void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // It was only read: nothing is lost, and why it is closed is what matters.
    }
  }

  @Override
  public void close() {
    close(channel);
  }

  /** Such as {@code raw memory of 4096 bytes from 0x0000000000000000}. */
  @Override
  public String toString() {
    String first = parts.isEmpty() ? "" : " from " + Hex.of(parts.getFirst().pa());
    return core
        ? "ELF core of " + bytes() + " bytes in " + parts.size() + " parts" + first
        : "raw memory of " + bytes() + " bytes" + first;
  }
}
