package dev.memdesc.cli.walk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Writes an ELF core of physical memory, of 64 or 32 bits: System V ABI, chapters 4 and 5. */
final class CoreFile {
  private static final int ET_CORE = 4;
  private static final int PT_LOAD = 1;
  private static final int PT_NOTE = 4;

  private final ByteOrder order;
  private final boolean wide;
  private final List<Segment> segments = new ArrayList<>();

  /** A run of physical memory. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Segment(long pa, long offset, byte[] bytes) {}

  CoreFile(ByteOrder order, boolean wide) {
    this.order = order;
    this.wide = wide;
  }

  /** Adds memory that is at a place in the file: beyond what can be read as a whole, if wanted. */
  CoreFile with(long pa, long offset, byte[] bytes) {
    segments.add(new Segment(pa, offset, bytes));
    return this;
  }

  void write(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(headers(), 0);
      for (Segment segment : segments) {
        channel.write(ByteBuffer.wrap(segment.bytes()), segment.offset());
      }
    }
  }

  private ByteBuffer headers() {
    ByteBuffer out = ByteBuffer.allocate(4096).order(order);
    out.put(new byte[] {0x7F, 'E', 'L', 'F', (byte) (wide ? 2 : 1)});
    out.put((byte) (order == ByteOrder.LITTLE_ENDIAN ? 1 : 2)).put((byte) 1).position(16);
    out.putShort((short) ET_CORE).putShort((short) 0).putInt(1);
    word(out, 0); // e_entry
    word(out, wide ? 64 : 52); // e_phoff
    word(out, 0); // e_shoff
    out.putInt(0).putShort((short) (wide ? 64 : 52));
    out.putShort((short) (wide ? 56 : 32)).putShort((short) (segments.size() + 1));
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    segment(out, PT_NOTE, 0, 0, 0);
    for (Segment one : segments) {
      segment(out, PT_LOAD, one.pa(), one.offset(), one.bytes().length);
    }
    return out.flip();
  }

  private void segment(ByteBuffer out, int type, long pa, long offset, long bytes) {
    out.putInt(type);
    if (wide) {
      out.putInt(0);
    }
    word(out, offset);
    word(out, 0); // p_vaddr
    word(out, pa);
    word(out, bytes);
    word(out, bytes + 4096); // p_memsz: a part was not dumped
    if (!wide) {
      out.putInt(0);
    }
    word(out, 0); // p_align
  }

  private void word(ByteBuffer out, long value) {
    if (wide) {
      out.putLong(value);
    } else {
      out.putInt((int) value);
    }
  }
}
