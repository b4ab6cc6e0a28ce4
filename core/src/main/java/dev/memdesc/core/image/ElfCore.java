package dev.memdesc.core.image;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The headers of an ELF core of physical memory, of either class and byte order, as QEMU's {@code
 * dump-guest-memory} and kdump write it: System V ABI, chapters 4 and 5. The pa is {@code p_paddr};
 * of {@code p_memsz}, only the {@code p_filesz} bytes that were dumped are memory.
 */
final class ElfCore {
  private static final int MAGIC = 0x7F454C46;
  private static final int EI_CLASS = 4;
  private static final int EI_DATA = 5;
  private static final int ELFCLASS32 = 1;
  private static final int ELFCLASS64 = 2;
  private static final int ELFDATA2LSB = 1;
  private static final int ELFDATA2MSB = 2;
  private static final int E_TYPE = 16;
  private static final int ET_CORE = 4;
  private static final int PT_LOAD = 1;

  /** The number of program headers is in sh_info of section header 0. */
  private static final int PN_XNUM = 0xFFFF;

  private static final long MOST_SEGMENTS = 1 << 20;
  private static final int LONGEST_HEADER = 64;

  /** Where fields are in the headers of a class. */
  private record Places(
      int headerBytes,
      int phOff,
      int shOff,
      int phEntSize,
      int phNum,
      int shInfo,
      int segmentBytes,
      int offset,
      int paddr,
      int fileSize) {}

  private static final Places CLASS_32 = new Places(52, 28, 32, 42, 44, 28, 32, 4, 12, 16);
  private static final Places CLASS_64 = new Places(64, 32, 40, 54, 56, 44, 56, 8, 24, 32);

  private final Path file;
  private final FileChannel channel;
  private final Places places;
  private final ByteOrder order;

  /** Reads what the file says of itself. Throws as {@link #parts}. */
  ElfCore(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    ByteBuffer ident = ByteBuffer.allocate(E_TYPE);
    if (!MemoryImage.readFully(channel, 0, ident)) {
      throw truncated(E_TYPE);
    }
    int wordClass = ident.get(EI_CLASS);
    int data = ident.get(EI_DATA);
    if ((wordClass != ELFCLASS32 && wordClass != ELFCLASS64)
        || (data != ELFDATA2LSB && data != ELFDATA2MSB)) {
      throw MemoryImage.bad("an ELF file has 32 or 64 bits and a byte order", file)
          .with("class", wordClass)
          .with("data", data)
          .build();
    }
    this.places = wordClass == ELFCLASS64 ? CLASS_64 : CLASS_32;
    this.order = data == ELFDATA2LSB ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
  }

  /** Whether a file that begins so is an ELF file. */
  static boolean isElf(ByteBuffer begin) {
    return begin.getInt(0) == MAGIC;
  }

  /**
   * The segments.
   *
   * @throws PageTableException with {@link Reason#INPUT} if the file is no core of physical memory,
   *     or is truncated
   */
  List<ImagePart> parts() throws IOException {
    ByteBuffer header = read(0, places.headerBytes());
    int type = Short.toUnsignedInt(header.getShort(E_TYPE));
    if (type != ET_CORE) {
      throw MemoryImage.bad("an ELF file of memory is a core", file)
          .with("e_type", type)
          .hint("--base says that a file is raw memory")
          .build();
    }
    long at = word(header, places.phOff());
    int step = Short.toUnsignedInt(header.getShort(places.phEntSize()));
    long count = Short.toUnsignedInt(header.getShort(places.phNum()));
    if (count == PN_XNUM) {
      ByteBuffer section = read(word(header, places.shOff()), places.shInfo() + Integer.BYTES);
      count = Integer.toUnsignedLong(section.getInt(places.shInfo()));
    }
    if (step < places.segmentBytes() || count > MOST_SEGMENTS) {
      throw MemoryImage.bad("a core has program headers of full size, at most 2^20", file)
          .with("e_phentsize", step)
          .with("headers", count)
          .build();
    }
    List<ImagePart> parts = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      ByteBuffer segment = read(at + i * step, places.segmentBytes());
      if (segment.getInt(0) == PT_LOAD) {
        addSegment(segment, parts);
      }
    }
    requirePhysical(parts);
    return parts;
  }

  private void addSegment(ByteBuffer segment, List<ImagePart> parts) throws IOException {
    long offset = word(segment, places.offset());
    long pa = word(segment, places.paddr());
    long bytes = word(segment, places.fileSize());
    // kcore has segments of the kernel's va that are at no one pa, and says -1.
    if (bytes == 0 || pa == -1L) {
      return;
    }
    if (bytes < 0 || offset < 0 || offset > channel.size() - bytes) {
      throw truncated(offset + bytes);
    }
    if (Long.compareUnsigned(pa + (bytes - 1), pa) < 0) {
      throw MemoryImage.bad("a segment ends at or before the last pa", file)
          .hex("p_paddr", pa)
          .hex("p_filesz", bytes)
          .build();
    }
    parts.add(new ImagePart(pa, offset, bytes));
  }

  private void requirePhysical(List<ImagePart> parts) {
    boolean physical = parts.size() == 1 || parts.stream().anyMatch(part -> part.pa() != 0);
    if (!physical) {
      throw MemoryImage.bad("a core has segments that say at which pa they are", file)
          .with("segments", parts.size())
          .hint("the core of a process does not say it; one of a machine does")
          .build();
    }
  }

  private ByteBuffer read(long offset, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.min(bytes, LONGEST_HEADER)).order(order);
    if (offset < 0 || !MemoryImage.readFully(channel, offset, buffer)) {
      throw truncated(offset + bytes);
    }
    return buffer;
  }

  /** An address or offset, which has as many bits as the file. */
  private long word(ByteBuffer buffer, int at) {
    return places.equals(CLASS_64) ? buffer.getLong(at) : Integer.toUnsignedLong(buffer.getInt(at));
  }

  private PageTableException truncated(long needed) throws IOException {
    return MemoryImage.bad("an ELF core has all that its headers say: it is truncated", file)
        .hex("bytes", channel.size())
        .hex("needed", needed)
        .build();
  }
}
