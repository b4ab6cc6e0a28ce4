package dev.memdesc.cli.trace;

import dev.memdesc.cli.trace.TraceLine.Kind;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Understands one line of a trace: docs/replay.md has the grammar. Nothing is guessed: an event
 * that is not complete to the last byte is BAD, and so is one whose range does not end where its
 * size says.
 */
final class TraceParser {
  /** What the text of every iommu event begins with. */
  static final byte[] IOMMU = bytes("IOMMU:");

  private static final byte[] SYSTEM = bytes("iommu:");
  private static final byte[] MAP = bytes("map");
  private static final byte[] UNMAP = bytes("unmap");
  private static final byte[] IOVA = bytes(" iova=0x");
  private static final byte[] END = bytes(" - 0x");
  private static final byte[] PA = bytes(" paddr=0x");
  private static final byte[] SIZE = bytes(" size=");
  private static final byte[] UNMAPPED = bytes(" unmapped_size=");

  private final TraceHeader header = new TraceHeader();
  private final ByteCursor cursor = new ByteCursor();
  private final RareLines rare = new RareLines();

  /** Fills {@code line} with what the bytes from {@code from} to {@code to} say. */
  void parse(byte[] text, int from, int to, TraceLine line) {
    if (!header.read(text, from, to)) {
      rare.noEvent(text, from, to, line);
      return;
    }
    line.nanos = header.nanos();
    line.pid = header.pid();
    cursor.set(text, header.nameStart(), header.nameEnd());
    cursor.skip(SYSTEM);
    int name = cursor.position();
    int nameBytes = header.nameEnd() - name;
    @Nullable Kind kind =
        is(text, name, nameBytes, MAP)
            ? Kind.MAP
            : is(text, name, nameBytes, UNMAP)
                ? Kind.UNMAP
                : RareLines.deviceEvent(text, name, nameBytes);
    cursor.set(text, header.textStart(), to);
    if (!cursor.skip(IOMMU)) {
      if (kind != null || RareLines.contains(text, header.nameStart(), to, IOMMU)) {
        line.bad("is an iommu event without its text");
      } else {
        line.kind = Kind.OTHER_EVENT;
      }
    } else if (kind == null) {
      line.bad("is an iommu event of an unknown name");
    } else if (kind == Kind.MAP || kind == Kind.UNMAP) {
      range(kind, line);
    } else {
      rare.device(kind, text, cursor.position(), to, line);
    }
  }

  private void range(Kind kind, TraceLine line) {
    cursor.expect(IOVA);
    long iova = cursor.hex();
    boolean hasEnd = cursor.skip(END);
    long end = hasEnd ? cursor.hex() : 0;
    if (kind == Kind.MAP) {
      cursor.expect(PA);
      line.pa = cursor.hex();
    }
    cursor.expect(SIZE);
    long size = cursor.decimal();
    if (kind == Kind.UNMAP) {
      cursor.expect(UNMAPPED);
      line.unmapped = cursor.decimal();
    }
    cursor.skipBlanks();
    line.iova = iova;
    line.size = size;
    line.kind = kind;
    if (cursor.failed() || !cursor.atEnd()) {
      line.bad(
          kind == Kind.MAP
              ? "is not IOMMU: iova=0xN - 0xN paddr=0xN size=N"
              : "is not IOMMU: iova=0xN - 0xN size=N unmapped_size=N");
    } else if (hasEnd && end != iova + size) {
      line.bad("does not end where its size says");
    }
  }

  private static boolean is(byte[] text, int at, int length, byte[] name) {
    if (length != name.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (text[at + i] != name[i]) {
        return false;
      }
    }
    return true;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
